//! Lines for the host's log that come up while a guest runs. They wait here until the task is over and Java takes them:
//! a guest on a fiber must not call into Java, and a log that blocks must not count against a task's deadline.

mod stream;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::binding::log::{Log, LogSink, RefusalSink, StdStream};
use crate::bridge::error::Error;
use crate::guest::limits::{GuestLimits, Held};
use stream::{LastWords, Partial, Rate};

/// Most lines, and most text, that wait. What is more is dropped, and the last line then counts it.
const MAX_LINES: usize = 1000;
const MAX_BYTES: usize = 256 * 1024;

/// slf4j's levels, by their names there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

impl Level {
    /// Reads a level from its position in Java's `GuestLog.LEVELS`.
    pub fn from_number(number: i64) -> Self {
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

/// Length in bytes after which a line is cut.
const MAX_LINE: usize = 8 * 1024;

/// The host's memory for a line besides its text.
const LINE: usize = 64;

/// Returns text of a guest, without what is too much for a line.
pub fn cut(text: &[u8]) -> String {
    let mut end = text.len().min(MAX_LINE);
    // Not within a character; text that is not UTF-8 may have none.
    while end > MAX_LINE - 4 && text.get(end).is_some_and(|byte| byte & 0xc0 == 0x80) {
        end -= 1;
    }
    let mut line = String::from_utf8_lossy(&text[..end]).into_owned();
    if end < text.len() {
        line += &more(text.len() - end);
    }
    line
}

/// Returns the end of a line that was cut.
fn more(bytes: usize) -> String {
    format!(" ... ({bytes} bytes more)")
}

/// The lines at once, and then a second, that are one guest's share of the log.
const BURST: f64 = 10_000.0;
const LINES_PER_SECOND: f64 = 1_000.0;

/// The notes of one task, for Java.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct TakenNotes {
    pub lines: Vec<(Level, String)>,
    /// Changes of the task of a batch that lines are about: the number of lines before it, and the task's index.
    pub about: Vec<(usize, Option<usize>)>,
    /// The limit that the guest ran into last.
    pub limit: String,
    /// The guest's last words on standard error, in one line: the text of a panic, where there was one.
    pub last_words: String,
}

/// The notes of one guest, in their order. Clones share them.
#[derive(Clone, Default)]
pub struct Notes(Arc<SharedNotes>);

#[derive(Default)]
struct SharedNotes {
    /// True if there is anything. Read after each task, without a lock.
    any: AtomicBool,
    lines: Mutex<Lines>,
}

#[derive(Default)]
struct Lines {
    lines: Vec<(Level, String)>,
    /// The task of a batch that further lines are about; none for the whole.
    current: Option<usize>,
    about: Vec<(usize, Option<usize>)>,
    /// The memory of the lines. None where nobody counts it.
    held: Option<Held>,
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
    /// Makes the notes of a guest with these limits. The lines count as memory of the host that it holds.
    pub fn new(limits: &GuestLimits) -> Self {
        let notes = Notes::default();
        notes.0.lines.lock().unwrap_or_else(PoisonError::into_inner).held = Some(Held::new(limits));
        notes
    }

    pub fn add(&self, level: Level, line: String) {
        self.lock().add(level, line);
    }

    /// Adds a line unless the same one waits already.
    pub fn add_once(&self, level: Level, line: String) {
        if !self.lock().lines.iter().any(|(_, waiting)| *waiting == line) {
            self.add(level, line);
        }
    }

    /// Lets further lines be about that task of the batch; none is for the batch as a whole.
    pub fn about(&self, task: Option<usize>) {
        self.0.lines.lock().unwrap_or_else(PoisonError::into_inner).current = task;
    }

    /// Returns a sink whose lines become notes.
    pub fn sink(&self) -> Log {
        Arc::new(self.clone())
    }

    /// Tells that a limit was in the guest's way.
    pub fn limited(&self, limit: String) {
        self.add_once(Level::Warn, limit.clone());
        self.lock().limit = limit;
    }

    /// Returns the bytes of memory that the lines take.
    pub fn held(&self) -> usize {
        self.0.lines.lock().unwrap_or_else(PoisonError::into_inner).held.as_ref().map_or(0, Held::bytes)
    }

    pub fn is_empty(&self) -> bool {
        !self.0.any.load(Ordering::Relaxed)
    }

    /// Takes everything so far, lines without an end included.
    pub fn take(&self) -> TakenNotes {
        let mut notes = self.lock();
        notes.end_line(StdStream::Out);
        notes.end_line(StdStream::Err);
        let Lines { mut lines, about, held, dropped, rate, last_words, limit, .. } = std::mem::take(&mut *notes);
        if dropped > 0 {
            lines.push((Level::Warn, format!("{dropped} more lines of this task were dropped")));
        }
        notes.rate = rate;
        notes.held = held;
        notes.hold(0);
        self.0.any.store(false, Ordering::Relaxed);
        TakenNotes { lines, about, limit, last_words: last_words.text() }
    }

    /// Gives the reason of an error to somebody who cannot take the notes: there is no guest that started.
    pub fn explain(&self, error: Error) -> Error {
        let TakenNotes { limit, last_words, .. } = self.take();
        match error.try_into_wasmtime() {
            Ok(_) if !limit.is_empty() => Error::limit(limit),
            Ok(e) if !last_words.is_empty() => e.context(last_words).into(),
            Ok(e) => e.into(),
            Err(e) => e,
        }
    }

    /// Locks the notes for writing: whoever has the lock leaves something behind.
    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.0.any.store(true, Ordering::Relaxed);
        self.0.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LogSink for Notes {
    /// Keeps lines until they are taken; drops those that are too many.
    fn write(&self, stream: StdStream, bytes: &[u8]) {
        let mut lines = self.lock();
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            lines.partial(stream).extend(piece);
            if piece.ends_with(b"\n") {
                lines.end_line(stream);
            }
        }
    }
}

impl RefusalSink for Notes {
    fn refused(&self, text: String) {
        self.add_once(Level::Warn, text);
    }
}

impl Lines {
    fn add(&mut self, level: Level, line: String) {
        // One that was cut is a little longer, by the words that say so.
        let line = if line.len() > MAX_LINE + LINE { cut(line.as_bytes()) } else { line };
        let bytes = self.bytes + line.len();
        if self.lines.len() == MAX_LINES
            || bytes > MAX_BYTES
            || !self.rate.admits(Instant::now())
            || !self.hold(bytes + LINE * (self.lines.len() + 1))
        {
            self.dropped += 1;
            return;
        }
        self.bytes = bytes;
        if self.about.last().and_then(|(_, task)| *task) != self.current {
            self.about.push((self.lines.len(), self.current));
        }
        self.lines.push((level, line));
    }

    /// Counts that many bytes of the host's memory. Returns false, and does not, where the guest may not hold them.
    fn hold(&mut self, bytes: usize) -> bool {
        self.held.as_mut().is_none_or(|held| bytes <= held.most() && held.set(bytes))
    }

    fn partial(&mut self, stream: StdStream) -> &mut Partial {
        match stream {
            StdStream::Out => &mut self.out,
            StdStream::Err => &mut self.err,
        }
    }

    fn end_line(&mut self, stream: StdStream) {
        let Some(line) = std::mem::take(self.partial(stream)).text() else { return };
        match stream {
            StdStream::Out => self.add(Level::Info, line),
            StdStream::Err => {
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
        assert_eq!(TakenNotes::default(), notes.take());
    }

    #[test]
    fn a_flood_is_cut_off_and_counted() {
        let notes = Notes::default();
        (0..MAX_LINES + 5).for_each(|_| notes.add(Level::Info, "line".to_owned()));
        let taken = notes.take().lines;
        assert_eq!(MAX_LINES + 1, taken.len());
        assert_eq!("5 more lines of this task were dropped", taken[MAX_LINES].1);

        (0..40).for_each(|_| notes.add(Level::Info, "x".repeat(MAX_BYTES)));
        let taken = notes.take().lines;
        assert!(taken.len() < 34 && taken.iter().all(|(_, line)| line.len() <= MAX_LINE + LINE), "{}", taken.len());
        assert!(taken[0].1.ends_with("x ... (253952 bytes more)"));
        assert!(taken[taken.len() - 1].1.ends_with(" more lines of this task were dropped"));
    }

    #[test]
    fn a_cut_leaves_whole_characters() {
        assert_eq!("short", cut(b"short"));
        assert_eq!("x\u{fffd}", cut(b"x\xff"));
        let text = format!("x{}", "\u{e4}".repeat(MAX_LINE));
        let line = cut(text.as_bytes());
        assert_eq!(format!("x{} ... (8194 bytes more)", "\u{e4}".repeat(MAX_LINE / 2 - 1)), line);
        // Bytes that only go on with a character that there is not.
        assert!(cut(&vec![0x80; 2 * MAX_LINE]).ends_with(" bytes more)"));
    }

    #[test]
    fn what_a_guest_writes_becomes_lines() {
        let notes = Notes::default();
        notes.write(StdStream::Out, b"one\ntw");
        notes.write(StdStream::Err, b"ba\x1b[31md\r\n\n");
        notes.write(StdStream::Out, b"o\nthree");
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
        notes.write(StdStream::Out, &b"x".repeat(MAX_LINE + 7));
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
        assert_eq!(TakenNotes::default(), notes.take());
    }
}
