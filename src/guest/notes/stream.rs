//! From bytes to lines for the log, and how many of them.

use std::collections::VecDeque;
use std::time::Instant;

use super::{BURST, LINES_PER_SECOND, MAX_LINE, more};

/// Largest number of lines and characters of the last words.
const LAST_LINES: usize = 2;
const LAST_CHARACTERS: usize = 300;

/// A line that has not ended.
#[derive(Default)]
pub struct Partial {
    bytes: Vec<u8>,
    cut: usize,
}

impl Partial {
    pub fn extend(&mut self, bytes: &[u8]) {
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let fits = bytes.len().min(MAX_LINE - self.bytes.len());
        self.bytes.extend_from_slice(&bytes[..fits]);
        self.cut += bytes.len() - fits;
    }

    /// None for an empty line. Control characters are escaped, so that it stays one line; Java's `Printable` has the
    /// whole rule of what a log may show.
    pub fn text(self) -> Option<String> {
        let text = String::from_utf8_lossy(&self.bytes);
        let text = text.trim_end();
        if text.is_empty() && self.cut == 0 {
            return None;
        }
        let mut line = String::with_capacity(text.len());
        for c in text.chars() {
            if c.is_control() && c != '\t' || matches!(c, '\u{2028}' | '\u{2029}') {
                line.extend(c.escape_default());
            } else {
                line.push(c);
            }
        }
        if self.cut > 0 {
            line += &more(self.cut);
        }
        Some(line)
    }
}

/// A bucket of lines that fills up again.
pub struct Rate {
    left: f64,
    since: Option<Instant>,
}

impl Default for Rate {
    fn default() -> Self {
        Rate { left: BURST, since: None }
    }
}

impl Rate {
    pub fn admits(&mut self, now: Instant) -> bool {
        if let Some(since) = self.since {
            let seconds = now.saturating_duration_since(since).as_secs_f64();
            self.left = BURST.min(self.left + LINES_PER_SECOND * seconds);
        }
        self.since = Some(now);
        let admits = self.left >= 1.0;
        if admits {
            self.left -= 1.0;
        }
        admits
    }
}

/// The lines of standard error that say best why a guest failed: the head of a Go panic or of JavaScript's uncaught
/// error, of which a long trace follows, or else the last lines but for what the runtimes of Rust, JavaScript and
/// Python add to each failure.
#[derive(Default)]
pub struct LastWords {
    head: Option<String>,
    last: VecDeque<String>,
}

impl LastWords {
    pub fn add(&mut self, line: &str) {
        match line {
            "Redirecting call to abort() to mozalloc_abort" => return,
            // componentize-py panics behind the traceback: that line, and the one before, are about itself.
            "Python function threw an unexpected exception" => {
                self.last.pop_back();
                return;
            }
            // componentize-js: the error is in front of its stack.
            "Stack:" if self.head.is_none() => self.head = self.last.pop_back(),
            line if line.starts_with("note: run with `RUST_BACKTRACE") => return,
            _ => {}
        }
        let line: String = line.chars().take(LAST_CHARACTERS).collect();
        if self.head.is_none() && (line.starts_with("panic: ") || line.starts_with("fatal error: ")) {
            self.head = Some(line);
            return;
        }
        if self.last.len() == LAST_LINES {
            self.last.pop_front();
        }
        self.last.push_back(line);
    }

    pub fn text(self) -> String {
        let text = self.head.unwrap_or_else(|| Vec::from(self.last).join(" "));
        text.chars().take(LAST_CHARACTERS).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_rate_is_kept_and_recovers() {
        let (mut rate, start) = (Rate::default(), Instant::now());
        assert_eq!(BURST as usize, (0..20_000).filter(|_| rate.admits(start)).count());
        let later = start + Duration::from_millis(100);
        let refilled = (0..20_000).filter(|_| rate.admits(later)).count();
        assert!((99..=101).contains(&refilled), "{refilled}");
        assert_eq!(BURST as usize, (0..20_000).filter(|_| rate.admits(later + Duration::from_secs(60))).count());
    }

    #[test]
    fn last_words_are_those_of_the_panic() {
        let words = |lines: &[&str]| {
            let mut last = LastWords::default();
            lines.iter().for_each(|line| last.add(line));
            last.text()
        };
        let rust =
            ["started", "thread 'main' panicked at a.rs:1:2:", "on purpose", "note: run with `RUST_BACKTRACE=1`"];
        assert_eq!("thread 'main' panicked at a.rs:1:2: on purpose", words(&rust));
        assert_eq!("panic: on purpose", words(&["one", "panic: on purpose", "goroutine 1 [running]:", "main.run()"]));
        let javascript = [
            "invalid variant tag value `undefined` (received `Error: on purpose`) specified",
            "Stack:",
            "  process@/sources/initializer.js:643:17",
            "Redirecting call to abort() to mozalloc_abort",
        ];
        assert_eq!(javascript[0], words(&javascript));
        let python = [
            "Traceback (most recent call last):",
            "  File \"/0/p.py\", line 4, in process",
            "ValueError: on purpose",
            "thread '<unnamed>' (1) panicked at runtime/src/lib.rs:1293:29:",
            "Python function threw an unexpected exception",
            "note: run with `RUST_BACKTRACE=1`",
        ];
        assert_eq!(python[2], words(&python));
        assert_eq!("", words(&[]));
        assert_eq!(LAST_CHARACTERS, words(&[&"x".repeat(1000)]).len());
    }
}
