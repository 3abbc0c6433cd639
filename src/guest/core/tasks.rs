//! The tasks of one call from Java to a guest of protocol 1: one, or a batch. The guest takes one after the other, and
//! each ends as docs/protocol-1.md says.
//!
//! A batch goes on only behind a task that is done and left nothing: no verdict, no output, no line for the log. Any
//! other task ends the batch, so that Java settles it before the task behind it begins, as it does one at a time.

use crate::guest::clock::Deadline;
use crate::guest::limits::Held;
use crate::guest::notes::Notes;
use crate::guest::outcome::{Outcome, Verdict};
use crate::guest::outputs::Outputs;
use crate::guest::packed::{BATCH_TICKS, PackedTasks};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Current {
    /// None was taken yet, or the last one is done and counted.
    None,
    /// The guest has it.
    Open,
    /// It ended, and the batch with it.
    Ended,
}

/// Answers of `next` besides a size.
const NO_TASK: i32 = -1;

/// The tasks of one call, and the end of the last one.
pub struct Tasks {
    waiting: PackedTasks,
    current: Current,
    /// Tasks before the current one; all of them are done.
    done: usize,
    done_at_entry: usize,
    /// The largest buffer that the guest offered in vain.
    offered: u32,
    verdict: Option<Verdict>,
    refusal: String,
    pub outputs: Outputs,
    until: Deadline,
}

impl Tasks {
    /// Makes the tasks of an instance, whose records take that memory.
    pub fn new(held: Held) -> Self {
        Tasks {
            waiting: PackedTasks::NONE,
            current: Current::None,
            done: 0,
            done_at_entry: 0,
            offered: 0,
            verdict: None,
            refusal: String::new(),
            outputs: Outputs::counted(held),
            until: Deadline::default(),
        }
    }

    /// Begins with the tasks of a call.
    #[inline]
    pub fn begin(&mut self, tasks: PackedTasks) {
        self.waiting = tasks;
        self.current = Current::None;
        self.done = 0;
        self.until = Deadline::in_ticks(BATCH_TICKS);
    }

    /// Notes that the guest's `run` is called.
    #[inline]
    pub fn enter(&mut self) {
        self.done_at_entry = self.done;
        self.offered = 0;
    }

    /// Ends the current task and copies the next one to the buffer. Returns its size, which may be more than the buffer
    /// has: then it was not taken. -1 if there is none.
    #[inline]
    pub fn next(&mut self, notes: &Notes, buffer: &mut [u8]) -> i32 {
        if !self.goes_on(notes) {
            return NO_TASK;
        }
        let Some(size) = self.waiting.size() else { return NO_TASK };
        if size > buffer.len() {
            self.offered = self.offered.max(buffer.len() as u32);
        } else {
            self.waiting.take(size, buffer);
            self.current = Current::Open;
            self.verdict = None;
            self.outputs.clear();
        }
        size as i32
    }

    /// Ends the current task. Returns whether another one may follow.
    #[inline]
    fn goes_on(&mut self, notes: &Notes) -> bool {
        if self.current == Current::Open {
            let plain = self.verdict.is_none() && self.outputs.is_empty() && notes.is_empty();
            if plain && self.waiting.left() > 0 && !self.until.has_passed() {
                self.done += 1;
                self.current = Current::None;
            } else {
                self.current = Current::Ended;
            }
        }
        self.current == Current::None
    }

    /// Returns whether the guest has a task, which may get a verdict and outputs.
    pub fn is_open(&self) -> bool {
        self.current == Current::Open
    }

    /// Keeps the verdict on the current task; None is done.
    pub fn finish(&mut self, verdict: Option<Verdict>, reason: String) {
        self.verdict = verdict;
        self.refusal = reason;
    }

    /// Takes the return of `run`. Returns the outcome of the task behind those that are [`done`](Self::done); None if
    /// `run` is to be called again, for the tasks that are left.
    #[inline]
    pub fn returned(&mut self, notes: &Notes) -> Option<Outcome> {
        if self.goes_on(notes) {
            let took_some = self.done > self.done_at_entry;
            return if took_some { None } else { Some(Outcome::NotTaken(self.offered)) };
        }
        Some(match self.verdict.take() {
            None => Outcome::Status(0),
            Some(verdict) => {
                self.outputs.clear();
                Outcome::Refused(verdict)
            }
        })
    }

    /// Returns the number of tasks that are done, before the last one that was taken.
    pub fn done(&self) -> usize {
        self.done
    }

    /// Takes the reason that the guest gave with its last verdict.
    pub fn take_refusal(&mut self) -> String {
        std::mem::take(&mut self.refusal)
    }
}
