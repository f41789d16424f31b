//! Writes `docs/reasons.md` from the table of reasons.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reasons.md");
    std::fs::write(path, tjit_events::reasons_manual())
}
