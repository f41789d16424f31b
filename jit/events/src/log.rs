//! The log of a process: takes events from any thread, writes them to a file, keeps them for the report, or both.
//!
//! With nobody listening, [`Log::emit`] is one load and a branch, and the event is never made. `Log::new` is const, so a
//! log can be a static.
//!
//! Lines are buffered. They are written out at [`Log::finish`] and at each event after which native code runs that has
//! not run before, so that a crash in it leaves the log complete up to there. When a write fails, the file is given up
//! with one message on stderr and the program goes on. A child made by `fork` writes nothing: the log is its parent's.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use crate::Event;

struct Sink {
    /// What messages call it.
    name: String,
    writer: BufWriter<Box<dyn Write + Send>>,
    /// The process that opened it.
    owner: u32,
}

impl Sink {
    fn write(&mut self, event: &Event) -> io::Result<()> {
        let mut line = serde_json::to_vec(event)?;
        line.push(b'\n');
        self.writer.write_all(&line)?;
        match event {
            Event::Run(_) | Event::TraceCompiled(_) | Event::BridgeAttached(_) | Event::JitOff(_) => {
                self.writer.flush()
            }
            _ => Ok(()),
        }
    }

    /// Forgets what is buffered: dropping the writer itself would try to write it.
    fn discard(self) {
        let (_, _) = self.writer.into_parts();
    }
}

#[derive(Default)]
struct State {
    sink: Option<Sink>,
    collected: Option<Vec<Event>>,
}

/// The log of a process. See the module's description.
pub struct Log {
    listening: AtomicBool,
    begin: OnceLock<Instant>,
    state: Mutex<State>,
}

impl Default for Log {
    fn default() -> Self {
        Self::new()
    }
}

impl Log {
    /// A log to which nobody listens yet.
    pub const fn new() -> Self {
        Self {
            listening: AtomicBool::new(false),
            begin: OnceLock::new(),
            state: Mutex::new(State { sink: None, collected: None }),
        }
    }

    /// Writes the events from now on to a file, which is created or emptied.
    ///
    /// # Errors
    /// When the file cannot be created; then nothing has changed.
    pub fn write_to(&self, path: &Path) -> io::Result<()> {
        let file = File::create(path)?;
        self.write_into(path.display().to_string(), Box::new(file));
        Ok(())
    }

    /// Writes the events from now on to `writer`, which messages call `name`. Takes the place of an earlier writer.
    pub fn write_into(&self, name: impl Into<String>, writer: Box<dyn Write + Send>) {
        let sink = Sink { name: name.into(), writer: BufWriter::new(writer), owner: std::process::id() };
        let mut state = self.lock();
        if let Some(mut earlier) = state.sink.replace(sink) {
            let flushed = earlier.writer.flush();
            complain_and_discard(earlier, flushed);
        }
        self.listen(&state);
    }

    /// Keeps the events from now on in memory.
    pub fn collect(&self) {
        let mut state = self.lock();
        state.collected.get_or_insert_default();
        self.listen(&state);
    }

    /// Whether anybody wants events; what is costly to find out for them may be skipped otherwise.
    #[inline]
    pub fn is_listening(&self) -> bool {
        self.listening.load(Ordering::Relaxed)
    }

    /// Microseconds since somebody began to listen, for `at_micros`; 0 before.
    pub fn now_micros(&self) -> u64 {
        self.begin.get().map_or(0, |begin| u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX))
    }

    /// Takes an event. `make` is called when somebody listens, outside the log's lock.
    #[inline]
    pub fn emit<E: Into<Event>>(&self, make: impl FnOnce() -> E) {
        if self.is_listening() {
            self.take(make().into());
        }
    }

    #[cold]
    fn take(&self, event: Event) {
        let mut state = self.lock();
        if let Some(mut sink) = state.sink.take() {
            if sink.owner != std::process::id() {
                sink.discard();
                self.listen(&state);
            } else if let Err(error) = sink.write(&event) {
                complain_and_discard(sink, Err(error));
                self.listen(&state);
            } else {
                state.sink = Some(sink);
            }
        }
        if let Some(collected) = &mut state.collected {
            collected.push(event);
        }
    }

    /// A copy of what was kept since [`Log::collect`].
    pub fn collected(&self) -> Vec<Event> {
        self.lock().collected.clone().unwrap_or_default()
    }

    /// Writes out and closes the file, and stops listening. What was collected stays. A process that ends without this
    /// loses the lines that are buffered.
    pub fn finish(&self) {
        let mut state = self.lock();
        if let Some(mut sink) = state.sink.take() {
            let flushed = if sink.owner == std::process::id() { sink.writer.flush() } else { Ok(()) };
            complain_and_discard(sink, flushed);
        }
        self.listening.store(false, Ordering::Relaxed);
    }

    fn listen(&self, state: &State) {
        let anybody = state.sink.is_some() || state.collected.is_some();
        if anybody {
            self.begin.get_or_init(Instant::now);
        }
        self.listening.store(anybody, Ordering::Relaxed);
    }

    /// A panic while the lock was held leaves a state that is still good for writing the rest.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn complain_and_discard(sink: Sink, result: io::Result<()>) {
    if let Err(error) = result {
        // Stderr may be closed too; there is nobody left to tell then.
        let _ = writeln!(
            io::stderr(),
            "tjit: cannot write the event log {}: {error}. The log ends here; the program goes on.",
            sink.name
        );
    }
    sink.discard();
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{BridgeAttached, ExitRef, JitOn};

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Shared {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Full(Arc<Mutex<u32>>);

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            *self.0.lock().unwrap() += 1;
            Err(io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn attached() -> BridgeAttached {
        BridgeAttached { at_micros: 2, from: ExitRef { trace: 1, exit: 0 }, to: 2 }
    }

    #[test]
    fn makes_no_event_when_nobody_listens() {
        static LOG: Log = Log::new();
        LOG.emit(|| -> Event { panic!("nobody asked") });
        assert_eq!(LOG.now_micros(), 0);
    }

    #[test]
    fn writes_lines_when_it_matters_and_collects() {
        let log = Log::new();
        let file = Shared::default();
        log.write_into("shared", Box::new(file.clone()));
        log.collect();
        log.emit(|| JitOn { at_micros: 1 });
        assert_eq!(file.text(), "", "buffered");
        log.emit(attached);
        let bridge = r#"{"event":"bridge-attached","at_micros":2,"from":{"trace":1,"exit":0},"to":2}"#;
        assert_eq!(file.text(), format!("{{\"event\":\"jit-on\",\"at_micros\":1}}\n{bridge}\n"));
        log.emit(|| JitOn { at_micros: 3 });
        log.finish();
        assert!(file.text().ends_with("\"at_micros\":3}\n"));
        assert_eq!(log.collected().len(), 3);
        log.emit(|| -> Event { panic!("finished") });
    }

    #[test]
    fn a_full_disk_ends_the_file_and_nothing_else() {
        let writes = Arc::new(Mutex::new(0));
        let log = Log::new();
        log.write_into("full", Box::new(Full(writes.clone())));
        log.collect();
        log.emit(attached);
        log.emit(attached);
        log.finish();
        assert_eq!(*writes.lock().unwrap(), 1, "tried once, then given up");
        assert_eq!(log.collected().len(), 2);

        let alone = Log::new();
        alone.write_into("full", Box::new(Full(writes)));
        alone.emit(attached);
        assert!(!alone.is_listening());
    }

    #[test]
    fn threads_do_not_mix_their_lines() {
        let log = Log::new();
        let file = Shared::default();
        log.write_into("shared", Box::new(file.clone()));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..100).for_each(|_| log.emit(attached)));
            }
        });
        log.finish();
        let text = file.text();
        assert_eq!(text.lines().count(), 400);
        assert!(text.lines().all(|line| serde_json::from_str::<Event>(line).is_ok()));
    }
}
