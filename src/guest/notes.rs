//! Lines for the host's log that come up while a guest runs. They wait here until the task is over and Java takes them:
//! a guest on a fiber must not call into Java, and a log that blocks must not count against a task's deadline.

mod stream;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::bridge::error::{Cause, Error};
use stream::{LastWords, Partial, Rate};

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

/// A line that a guest writes to a standard stream is cut after so many bytes.
const MAX_LINE: usize = 8 * 1024;

/// So many lines at once, and then so many a second, are one guest's share of the log.
const BURST: f64 = 10_000.0;
const LINES_PER_SECOND: f64 = 1_000.0;

/// Which of its two streams a guest writes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    Out,
    Err,
}

/// What came up with one task and is still to be told.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Told {
    pub lines: Vec<(Level, String)>,
    /// The limit that the guest ran into last.
    pub limit: String,
    /// What the guest wrote to standard error last, in one line: the text of a panic, where there was one.
    pub last_words: String,
}

/// The notes of one guest, in their order. Clones share them.
#[derive(Clone, Default)]
pub struct Notes(Arc<Shared>);

#[derive(Default)]
struct Shared {
    /// Whether there is anything: asked after each task, without a lock.
    any: AtomicBool,
    lines: Mutex<Lines>,
}

#[derive(Default)]
struct Lines {
    lines: Vec<(Level, String)>,
    bytes: usize,
    dropped: usize,
    rate: Rate,
    /// The lines that the guest has not ended yet.
    out: Partial,
    err: Partial,
    last_words: LastWords,
    limit: String,
}

impl Notes {
    pub fn add(&self, level: Level, line: String) {
        self.lock().add(level, line);
    }

    /// Adds a line unless the same one waits already.
    pub fn add_once(&self, level: Level, line: String) {
        if !self.lock().lines.iter().any(|(_, waiting)| *waiting == line) {
            self.add(level, line);
        }
    }

    /// Takes what a guest writes to a standard stream. Its lines become the log's.
    pub fn write(&self, stream: Stream, bytes: &[u8]) {
        let mut lines = self.lock();
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            lines.partial(stream).extend(piece);
            if piece.ends_with(b"\n") {
                lines.end_line(stream);
            }
        }
    }

    /// Tells that a limit was in the guest's way.
    pub fn limited(&self, limit: String) {
        self.add_once(Level::Warn, limit.clone());
        self.lock().limit = limit;
    }

    pub fn is_empty(&self) -> bool {
        !self.0.any.load(Ordering::Relaxed)
    }

    /// Everything so far, lines without an end included.
    pub fn take(&self) -> Told {
        let mut notes = self.lock();
        notes.end_line(Stream::Out);
        notes.end_line(Stream::Err);
        let Lines { mut lines, dropped, rate, last_words, limit, .. } = std::mem::take(&mut *notes);
        if dropped > 0 {
            lines.push((Level::Warn, format!("{dropped} more lines of this task were dropped")));
        }
        notes.rate = rate;
        self.0.any.store(false, Ordering::Relaxed);
        Told { lines, limit, last_words: last_words.text() }
    }

    /// Gives the reason of an error to somebody who cannot take the notes: there is no guest that started.
    pub fn explain(&self, error: Error) -> Error {
        let Told { limit, last_words, .. } = self.take();
        match error.into_cause() {
            Cause::Wasm(_) if !limit.is_empty() => Error::limit(limit),
            Cause::Wasm(e) if !last_words.is_empty() => e.context(last_words).into(),
            cause => cause.into(),
        }
    }

    /// For writing: whoever has the lock leaves something behind.
    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.0.any.store(true, Ordering::Relaxed);
        self.0.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lines {
    fn add(&mut self, level: Level, line: String) {
        if self.lines.len() == MAX_LINES || self.bytes + line.len() > MAX_BYTES || !self.rate.admits(Instant::now()) {
            self.dropped += 1;
            return;
        }
        self.bytes += line.len();
        self.lines.push((level, line));
    }

    fn partial(&mut self, stream: Stream) -> &mut Partial {
        match stream {
            Stream::Out => &mut self.out,
            Stream::Err => &mut self.err,
        }
    }

    fn end_line(&mut self, stream: Stream) {
        let Some(line) = std::mem::take(self.partial(stream)).text() else { return };
        match stream {
            Stream::Out => self.add(Level::Info, line),
            Stream::Err => {
                self.last_words.add(&line);
                self.add(Level::Warn, line);
            }
        }
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
        assert_eq!(expected, notes.take().lines);
        assert!(notes.is_empty());
        assert_eq!(Told::default(), notes.take());
    }

    #[test]
    fn a_flood_is_cut_off_and_counted() {
        let notes = Notes::default();
        (0..MAX_LINES + 5).for_each(|_| notes.add(Level::Info, "line".to_owned()));
        let taken = notes.take().lines;
        assert_eq!(MAX_LINES + 1, taken.len());
        assert_eq!("5 more lines of this task were dropped", taken[MAX_LINES].1);

        notes.add(Level::Info, "x".repeat(MAX_BYTES + 1));
        assert_eq!(vec![(Level::Warn, "1 more lines of this task were dropped".to_owned())], notes.take().lines);
    }

    #[test]
    fn what_a_guest_writes_becomes_lines() {
        let notes = Notes::default();
        notes.write(Stream::Out, b"one\ntw");
        notes.write(Stream::Err, b"ba\x1b[31md\r\n\n");
        notes.write(Stream::Out, b"o\nthree");
        let line = |level, text: &str| (level, text.to_owned());
        let expected = vec![
            line(Level::Info, "one"),
            line(Level::Warn, "ba\\u{1b}[31md"),
            line(Level::Info, "two"),
            line(Level::Info, "three"),
        ];
        let told = notes.take();
        assert_eq!(expected, told.lines);
        assert_eq!("ba\\u{1b}[31md", told.last_words);
        notes.write(Stream::Out, &b"x".repeat(MAX_LINE + 7));
        let told = notes.take();
        assert_eq!(MAX_LINE + " ... (7 bytes more)".len(), told.lines[0].1.len());
        assert!(told.lines[0].1.ends_with("x ... (7 bytes more)"));
        assert_eq!("", told.last_words);
    }

    #[test]
    fn a_limit_is_told_once_and_kept_until_it_is_taken() {
        let notes = Notes::default();
        notes.limited("too much".to_owned());
        notes.limited("too much".to_owned());
        let told = notes.take();
        assert_eq!("too much", told.limit);
        assert_eq!(vec![(Level::Warn, "too much".to_owned())], told.lines);
        assert_eq!(Told::default(), notes.take());
    }
}
