//! The outcome of a task, and its layout in the long that crosses to Java, where `GuestResult` reads it:
//!
//! | bits | meaning |
//! | --- | --- |
//! | 0 to 31 | a number: the status or verdict, or the size of the largest buffer that was offered |
//! | 32, 33 | 1: the guest did not take its task; 2: `run` returned the status; 3: it gave the verdict |
//! | 34 | there is something for `Guest.takeNotes` |
//! | 35 | there is something for `Guest.takeOutputs`, or of a batch for `Guest.takeEnds` |
//! | 36 to 62 | of a series: the tasks that are done, before the one that all this is about |
//!
//! It is never 0. A native method that could not even throw returns 0, which must not pass for success.

use jni::sys::jlong;

const FORM_SHIFT: u32 = 32;
const NOT_TAKEN: jlong = 1 << FORM_SHIFT;
const STATUS: jlong = 2 << FORM_SHIFT;
const VERDICT: jlong = 3 << FORM_SHIFT;
const NOTES: jlong = 1 << 34;
const OUTPUTS: jlong = 1 << 35;
const DONE_SHIFT: u32 = 36;

/// Encodes the tasks that are done before the one that an outcome is about.
#[inline]
pub fn done_before(tasks: usize) -> jlong {
    (tasks as jlong) << DONE_SHIFT
}

/// The outcome of a task that did not fail by an error.
#[derive(Clone, Copy)]
pub enum Outcome {
    /// The guest returned this status; 0 for done.
    Status(i32),
    /// The guest offered no buffer that holds the task; the largest that it did offer.
    NotTaken(u32),
    /// The guest refused the task and said why.
    Refused(Verdict),
}

/// A guest's verdict on a task that it refused, with the number that protocol 0 has for it as a status. It is as wide
/// as the numbers beside it in [`Outcome`]. With a byte, an outcome would be written in bytes and read in words, which
/// costs a task 5 ns.
#[derive(Clone, Copy)]
#[repr(u32)]
pub enum Verdict {
    Retry = 1,
    DeadLetter = 2,
    Skip = 3,
    Fatal = 4,
}

impl Outcome {
    /// Encodes the outcome, and whether there are notes and outputs to take.
    #[inline]
    pub fn encode(self, notes: bool, outputs: bool) -> jlong {
        let notes = if notes { NOTES } else { 0 };
        let outputs = if outputs { OUTPUTS } else { 0 };
        notes
            | outputs
            | match self {
                Outcome::Status(status) => STATUS | jlong::from(status as u32),
                Outcome::NotTaken(offered) => NOT_TAKEN | jlong::from(offered),
                Outcome::Refused(verdict) => VERDICT | verdict as jlong,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_has_bits_of_its_own() {
        assert_eq!(0x2_0000_0000, Outcome::Status(0).encode(false, false));
        assert_eq!(0x2_ffff_ffff, Outcome::Status(-1).encode(false, false));
        assert_eq!(0x1_0000_0005, Outcome::NotTaken(5).encode(false, false));
        assert_eq!(0xe_0000_0000, Outcome::Status(0).encode(true, true));
        assert_eq!(0x0632_0000_0000, Outcome::Status(0).encode(false, false) | done_before(99));
        assert_eq!(0x3_0000_0002, Outcome::Refused(Verdict::DeadLetter).encode(false, false));
    }
}
