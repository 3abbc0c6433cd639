//! The tasks of one call from Java to a guest of protocol 1: one, a series or a batch. Each task ends as
//! docs/protocol-1.md says.
//!
//! The guest takes the tasks of a series one by one. It goes on only behind a task that is done and left nothing:
//! no verdict, no output, no line for the log. Any other task ends the series, so that Java settles it before the task
//! behind it begins, as it does one at a time. A batch ([`batch`](super::batch)) is taken whole.

use crate::guest::batch::{End, Ends};
use crate::guest::clock::Deadline;
use crate::guest::limits::Held;
use crate::guest::notes::Notes;
use crate::guest::outcome::{Outcome, Verdict};
use crate::guest::outputs::Outputs;
use crate::guest::packed::{self, PackedTasks, SERIES_TICKS};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Current {
    /// None was taken yet, or the last one is done and counted.
    None,
    /// The guest has it.
    Open,
    /// It ended, and the series or the batch with it.
    Ended,
    /// The guest has a batch, and has selected no task of it.
    Batch,
}

/// Answers of `next` besides a size.
pub const NO_TASK: i32 = -1;

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
    /// The ends of the tasks of the batch that the guest took, which are those that it can select.
    pub ends: Ends,
    selected: Option<usize>,
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
            ends: Ends::default(),
            selected: None,
        }
    }

    /// Begins with the tasks of a call.
    #[inline]
    pub fn begin(&mut self, tasks: PackedTasks) {
        self.waiting = tasks;
        self.current = Current::None;
        self.done = 0;
        self.until = Deadline::in_ticks(SERIES_TICKS);
    }

    /// Notes that the guest's `run` is called.
    #[inline]
    pub fn enter(&mut self) {
        self.done_at_entry = self.done;
        self.offered = 0;
    }

    /// Returns whether the guest may take another task now. If not, the current one ends, and the series with it.
    #[inline]
    pub fn goes_on(&mut self, notes: &Notes) -> bool {
        match self.current {
            Current::None => self.waiting.left() > 0,
            Current::Open => {
                let plain = self.verdict.is_none() && self.outputs.is_empty() && notes.is_empty();
                let goes_on = plain && self.waiting.left() > 0 && !self.until.has_passed();
                if !goes_on {
                    self.current = Current::Ended;
                }
                goes_on
            }
            Current::Ended | Current::Batch => false,
        }
    }

    /// Counts the current task as done, where the series [goes on](Self::goes_on).
    #[inline]
    fn end_current(&mut self) {
        if self.current == Current::Open {
            self.done += 1;
            self.current = Current::None;
        }
    }

    /// Ends the current task and copies the next one to the buffer, where the series [goes on](Self::goes_on). Returns
    /// its size, which may be more than the buffer has: then it was not taken.
    #[inline]
    pub fn next(&mut self, buffer: &mut [u8]) -> i32 {
        self.end_current();
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

    /// Begins with the batch of a call.
    pub fn begin_batch(&mut self, batch: PackedTasks) {
        self.begin(batch);
        self.enter();
        self.selected = None;
        self.verdict = None;
        self.outputs.begin_batch();
        self.ends.0.clear();
    }

    /// Ends all tasks of the batch, and copies the batch to the buffer if it was not taken yet. Returns its size, which
    /// may be more than the buffer has: then it was not taken. -1 if there is none.
    pub fn next_batch(&mut self, notes: &Notes, buffer: &mut [u8]) -> i32 {
        self.deselect(notes);
        if self.current == Current::Batch {
            self.current = Current::Ended;
        }
        let size = self.waiting.left();
        if size == 0 {
            return NO_TASK;
        }
        if size > buffer.len() {
            self.offered = self.offered.max(buffer.len() as u32);
        } else {
            self.waiting.take_all(buffer);
            self.current = Current::Batch;
            self.ends.0.resize_with(packed::count(&buffer[..size]), End::default);
        }
        size as i32
    }

    /// Goes over to a task of the batch. Returns false if the guest has no such task.
    pub fn select(&mut self, notes: &Notes, index: usize) -> bool {
        self.deselect(notes);
        let has = self.current == Current::Batch && index < self.ends.0.len();
        if has {
            self.exchange(index);
            self.selected = Some(index);
            self.current = Current::Open;
            notes.about(Some(index));
        }
        has
    }

    fn deselect(&mut self, notes: &Notes) {
        if let Some(index) = self.selected.take() {
            self.exchange(index);
            self.current = Current::Batch;
            notes.about(None);
        }
    }

    /// Exchanges what is known of a task of the batch with what is known of the current one.
    fn exchange(&mut self, index: usize) {
        let end = &mut self.ends.0[index];
        std::mem::swap(&mut self.verdict, &mut end.verdict);
        std::mem::swap(&mut self.refusal, &mut end.reason);
        self.outputs.exchange(&mut end.records);
    }

    /// Takes the return of `run` from a batch.
    pub fn batch_returned(&mut self, notes: &Notes) -> Outcome {
        self.deselect(notes);
        if self.waiting.left() > 0 { Outcome::NotTaken(self.offered) } else { Outcome::Status(0) }
    }

    /// Returns whether the guest has a task, which may get a verdict and outputs.
    pub fn is_open(&self) -> bool {
        self.current == Current::Open
    }

    /// Returns whether the guest has a task or a batch.
    pub fn has_any(&self) -> bool {
        matches!(self.current, Current::Open | Current::Batch)
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
        if self.current == Current::None || self.goes_on(notes) {
            self.end_current();
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
