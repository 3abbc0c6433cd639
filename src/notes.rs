//! Lines for the host's log that come up while a guest runs. They wait here until the task is over and Java takes them:
//! a guest on a fiber must not call into Java, and a log that blocks must not count against a task's deadline.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// More lines, or more text, than this wait for nobody; the last line then tells how many were dropped.
const MAX_LINES: usize = 1000;
const MAX_BYTES: usize = 256 * 1024;

/// As slf4j's levels, by their names there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

impl Level {
    /// From its position in Java's `Notes.LEVELS`.
    pub fn from_number(number: i32) -> Self {
        match number {
            0 => Level::Trace,
            1 => Level::Debug,
            2 => Level::Info,
            3 => Level::Warn,
            _ => Level::Error,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Level::Trace => "TRACE",
            Level::Debug => "DEBUG",
            Level::Info => "INFO",
            Level::Warn => "WARN",
            Level::Error => "ERROR",
        }
    }
}

/// The lines of one guest, in their order. Clones share them.
#[derive(Clone, Default)]
pub struct Notes(Arc<Mutex<Lines>>);

#[derive(Default)]
struct Lines {
    lines: Vec<(Level, String)>,
    bytes: usize,
    dropped: usize,
}

impl Notes {
    pub fn add(&self, level: Level, line: String) {
        let mut notes = self.lock();
        if notes.lines.len() == MAX_LINES || notes.bytes + line.len() > MAX_BYTES {
            notes.dropped += 1;
            return;
        }
        notes.bytes += line.len();
        notes.lines.push((level, line));
    }

    /// Adds a line unless the same one waits already.
    pub fn add_once(&self, level: Level, line: String) {
        if !self.lock().lines.iter().any(|(_, waiting)| *waiting == line) {
            self.add(level, line);
        }
    }

    pub fn is_empty(&self) -> bool {
        let notes = self.lock();
        notes.lines.is_empty() && notes.dropped == 0
    }

    pub fn take(&self) -> Vec<(Level, String)> {
        let Lines { mut lines, dropped, .. } = std::mem::take(&mut *self.lock());
        if dropped > 0 {
            lines.push((Level::Warn, format!("{dropped} more lines of this task were dropped")));
        }
        lines
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_out_in_order_and_once() {
        let notes = Notes::default();
        assert!(notes.is_empty());
        notes.add(Level::Info, "first".to_owned());
        notes.clone().add(Level::Warn, "second".to_owned());
        notes.add_once(Level::Warn, "second".to_owned());
        let expected = vec![(Level::Info, "first".to_owned()), (Level::Warn, "second".to_owned())];
        assert!(!notes.is_empty());
        assert_eq!(expected, notes.take());
        assert!(notes.take().is_empty());
    }

    #[test]
    fn a_flood_is_cut_off_and_counted() {
        let notes = Notes::default();
        (0..MAX_LINES + 5).for_each(|_| notes.add(Level::Info, "line".to_owned()));
        let taken = notes.take();
        assert_eq!(MAX_LINES + 1, taken.len());
        assert_eq!("5 more lines of this task were dropped", taken[MAX_LINES].1);

        notes.add(Level::Info, "x".repeat(MAX_BYTES + 1));
        assert_eq!(vec![(Level::Warn, "1 more lines of this task were dropped".to_owned())], notes.take());
    }
}
