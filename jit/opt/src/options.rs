//! Which passes run.

use crate::{optional_passes, ownership};

/// Switches of the optimiser.
///
/// ```
/// let options = tjit_opt::Options::parse("-licm,-ranges").unwrap();
/// assert!(options.runs("fold") && !options.runs("licm"));
/// let none = tjit_opt::Options::parse("none,+fold").unwrap();
/// assert!(none.runs("fold") && !none.runs("cse"));
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Options {
    /// Run the verifier after every pass.
    pub verify: bool,
    off: Vec<&'static str>,
}

/// A name in the options that is no pass which can be switched.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("'{name}' is no optimiser pass; accepted are 'all', 'none', and with '-' or '+' before it: {}", accepted())]
pub struct UnknownPass {
    /// What was given.
    pub name: String,
}

fn accepted() -> String {
    optional_passes().iter().map(|pass| pass.name()).collect::<Vec<_>>().join(", ")
}

impl Default for Options {
    /// Every pass on; the verifier on in debug builds.
    fn default() -> Self {
        Options { verify: cfg!(debug_assertions), off: Vec::new() }
    }
}

impl Options {
    /// Reads a list such as `-licm,+cse`: `-` switches a pass off and `+`, or no sign, on; `all` and `none` mean every
    /// pass. Later entries win; blanks and empty entries are passed over.
    ///
    /// # Errors
    /// When a name is no pass that can be switched; the message lists those.
    pub fn parse(text: &str) -> Result<Options, UnknownPass> {
        let mut options = Options::default();
        for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            let (on, name) = match entry.strip_prefix('-') {
                Some(name) => (false, name),
                None => (true, entry.strip_prefix('+').unwrap_or(entry)),
            };
            let on = on != (name == "none");
            let mut known = false;
            for pass in optional_passes() {
                if name == pass.name() || name == "all" || name == "none" {
                    known = true;
                    options.off.retain(|&off| off != pass.name());
                    if !on {
                        options.off.push(pass.name());
                    }
                }
            }
            if !known {
                return Err(UnknownPass { name: name.to_owned() });
            }
        }
        Ok(options)
    }

    /// Whether a pass runs. `ownership` always does.
    pub fn runs(&self, pass: &str) -> bool {
        pass == ownership::NAME || !self.off.contains(&pass)
    }
}

#[cfg(test)]
mod tests {
    use super::Options;

    #[test]
    fn later_entries_win() {
        let options = Options::parse(" none, +fold,cse ,-cse").unwrap();
        assert!(options.runs("fold"));
        assert!(!options.runs("cse"));
        assert!(options.runs("ownership"));
        assert_eq!(Options::parse("-licm,all").unwrap(), Options::default());
    }

    #[test]
    fn a_wrong_name_lists_the_accepted_ones() {
        let message = Options::parse("-lcim").unwrap_err().to_string();
        assert!(message.contains("'lcim'"), "{message}");
        assert!(message.contains("fold, cse, guards, licm"), "{message}");
        assert!(Options::parse("-ownership").is_err());
    }
}
