#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod host;
mod http;
mod record;
mod state;

use std::fmt;

pub use http::{HttpError, HttpFailure, Request, Response};
pub use record::{Header, Record, Task};
pub use state::{Entry, StateError, Store};

/// The result of a processor.
pub type Result<T = (), E = Error> = std::result::Result<T, E>;

/// Makes a function the processor of this library: a `fn(&Task) -> Result`.
#[macro_export]
macro_rules! processor {
    ($process:path) => {
        /// Takes tasks until there is none. The host calls it.
        #[unsafe(no_mangle)]
        pub extern "C" fn run() {
            $crate::run($process);
        }
    };
}

/// Takes tasks until there is none; for [`processor!`].
#[doc(hidden)]
pub fn run(process: fn(&Task<'_>) -> Result) {
    host::each_task(|packed| {
        let task = Task::unpack(packed);
        if let Err(error) = process(&task) {
            host::finish(error.verdict as i32, &error.reason);
        }
    });
}

/// Makes a function the processor of this library, for batches: a `fn(&[Task]) -> Result<Vec<Result>>`.
///
/// It gets many tasks at once, and returns a result for each, in their order. An error is the verdict on all of them. A
/// panic, or another number of results, fails the batch, and each of its tasks comes again once as a batch of one.
#[macro_export]
macro_rules! batch_processor {
    ($process:path) => {
        /// Takes batches until there is none. The host calls it.
        #[unsafe(no_mangle)]
        pub extern "C" fn run() {
            $crate::run_batches($process);
        }
    };
}

/// Takes batches until there is none; for [`batch_processor!`].
#[doc(hidden)]
pub fn run_batches(process: fn(&[Task<'_>]) -> Result<Vec<Result>>) {
    host::each_batch(|packed| {
        let tasks = Task::unpack_all(packed);
        let results = process(&tasks);
        let finish = |index: usize, error: &Error| {
            select(index);
            host::finish(error.verdict as i32, &error.reason);
        };
        match results {
            Err(error) => (0..tasks.len()).for_each(|index| finish(index, &error)),
            Ok(results) => {
                let (found, needed) = (results.len(), tasks.len());
                assert!(found == needed, "the processor returned {found} results for {needed} tasks");
                for (index, result) in results.iter().enumerate() {
                    if let Err(error) = result {
                        finish(index, error);
                    }
                }
            }
        }
    });
}

/// Makes a task of the batch the current one, by its index: [`produce`] and the log are about it from now on. Before
/// the first call there is no task to produce for, and the log is about the batch.
pub fn select(index: usize) {
    host::select(index as u32);
}

/// The reason why a task was not processed. Any error becomes one by `?`, with the verdict to retry the task. A
/// retry does not help against errors of this library. They have the verdict stop if a grant is missing, and dead
/// letter if something is too large.
pub struct Error {
    verdict: Verdict,
    reason: String,
}

#[derive(Clone, Copy)]
enum Verdict {
    Retry = 1,
    DeadLetter = 2,
    Skip = 3,
    Stop = 4,
}

impl Error {
    /// The task may work later.
    pub fn retry(reason: impl fmt::Display) -> Self {
        Error { verdict: Verdict::Retry, reason: reason.to_string() }
    }

    /// The task will never work, and somebody should look at it.
    pub fn dead_letter(reason: impl fmt::Display) -> Self {
        Error { verdict: Verdict::DeadLetter, reason: reason.to_string() }
    }

    /// The task need not be processed.
    pub fn skip(reason: impl fmt::Display) -> Self {
        Error { verdict: Verdict::Skip, reason: reason.to_string() }
    }

    /// No task will work. By default Wasmton stops.
    pub fn stop(reason: impl fmt::Display) -> Self {
        Error { verdict: Verdict::Stop, reason: reason.to_string() }
    }
}

impl<E: std::error::Error + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        let any: &(dyn std::error::Error + 'static) = &error;
        let produce = any.downcast_ref().map(|error| match error {
            ProduceError::TopicDenied => Verdict::Stop,
            ProduceError::TooLarge | ProduceError::QueueFull => Verdict::DeadLetter,
        });
        let state = any.downcast_ref().map(|error| match error {
            StateError::NoSuchStore | StateError::ReadOnly => Verdict::Stop,
            StateError::TooLarge | StateError::Limit => Verdict::DeadLetter,
        });
        Error { verdict: produce.or(state).unwrap_or(Verdict::Retry), reason: error.to_string() }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

/// Other verdicts for errors than to retry the task.
pub trait OrDeadLetter<T> {
    /// Makes an error one with the verdict dead letter: the task will never work.
    fn or_dead_letter(self) -> Result<T>;
    /// Makes an error one with the verdict stop: no task will work.
    fn or_stop(self) -> Result<T>;
}

impl<T, E: fmt::Display> OrDeadLetter<T> for std::result::Result<T, E> {
    fn or_dead_letter(self) -> Result<T> {
        self.map_err(Error::dead_letter)
    }

    fn or_stop(self) -> Result<T> {
        self.map_err(Error::stop)
    }
}

/// The reason why a record was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProduceError {
    /// The topic was not granted (`--output-topic`).
    TopicDenied,
    /// The record has more bytes than one may have (`--output-record-bytes`).
    TooLarge,
    /// The task has produced as many bytes or records as it may (`--output-task-bytes`).
    QueueFull,
}

impl fmt::Display for ProduceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ProduceError::TopicDenied => "the topic is not granted (--output-topic)",
            ProduceError::TooLarge => "the record is too large (--output-record-bytes)",
            ProduceError::QueueFull => "the task has produced as much as it may (--output-task-bytes)",
        })
    }
}

impl std::error::Error for ProduceError {}

/// Adds a record to the output of the current task. Wasmton sends the records when the task is done, in their order;
/// those of a failed task are never sent.
pub fn produce(record: &Record<'_>) -> Result<(), ProduceError> {
    match host::produce(&record.pack()) {
        0 => Ok(()),
        1 => Err(ProduceError::TopicDenied),
        2 => Err(ProduceError::TooLarge),
        _ => Err(ProduceError::QueueFull),
    }
}

/// Adds to a counter, which the operator sees among the metrics. It counts at once, and however the task ends.
pub fn count(name: &str, amount: u32) {
    host::count(name, amount);
}

/// Returns a setting that the operator gave (`--guest-config`).
pub fn setting(name: &str) -> Option<String> {
    host::setting(name)
}

/// Returns the names and values of all settings.
pub fn settings() -> Vec<(String, String)> {
    (0..)
        .map_while(host::setting_name)
        .map(|name| {
            let value = host::setting(&name).unwrap_or_default();
            (name, value)
        })
        .collect()
}

/// Levels of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "their names say it")]
pub enum Level {
    Trace = 0,
    Debug = 1,
    Info = 2,
    Warn = 3,
    Error = 4,
}

/// Writes one line to Wasmton's log, with the place of the task, if the level is enabled. The macros [`info!`] and its
/// like are shorter.
pub fn log(level: Level, line: fmt::Arguments<'_>) {
    if host::log_enabled(level as i32) {
        host::log(level as i32, &line.to_string());
    }
}

/// Logs a line at the level TRACE, as `format!` writes it.
#[macro_export]
macro_rules! trace {
    ($($line:tt)+) => { $crate::log($crate::Level::Trace, format_args!($($line)+)) };
}

/// Logs a line at the level DEBUG, as `format!` writes it.
#[macro_export]
macro_rules! debug {
    ($($line:tt)+) => { $crate::log($crate::Level::Debug, format_args!($($line)+)) };
}

/// Logs a line at the level INFO, as `format!` writes it.
#[macro_export]
macro_rules! info {
    ($($line:tt)+) => { $crate::log($crate::Level::Info, format_args!($($line)+)) };
}

/// Logs a line at the level WARN, as `format!` writes it.
#[macro_export]
macro_rules! warn {
    ($($line:tt)+) => { $crate::log($crate::Level::Warn, format_args!($($line)+)) };
}

/// Logs a line at the level ERROR, as `format!` writes it.
#[macro_export]
macro_rules! error {
    ($($line:tt)+) => { $crate::log($crate::Level::Error, format_args!($($line)+)) };
}
