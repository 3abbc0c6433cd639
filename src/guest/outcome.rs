//! The outcome of a task, and its layout in the long by which it crosses. `Guest` in Java reads it:
//!
//! | bits | meaning |
//! | --- | --- |
//! | 0 to 31 | with bit 33 the status that `run` returned; with bit 32 the size of the largest buffer offered |
//! | 32 | the guest did not take its task |
//! | 33 | the guest returned |
//! | 34 | there is something for `Guest.takeNotes` |
//! | 35 to 37 | the [`Refusal`], 0 for none |
//! | 38 | there is something for `Guest.takeOutputs` |
//!
//! It is never 0. A native method that could not even throw returns 0, which must not pass for success.

use jni::sys::jlong;

const NOT_TAKEN: jlong = 1 << 32;
const RETURNED: jlong = 1 << 33;
const NOTES: jlong = 1 << 34;
const REFUSAL_SHIFT: u32 = 35;
const OUTPUTS: jlong = 1 << 38;

/// The outcome of a task that did not fail by an error.
#[derive(Clone, Copy)]
pub enum Outcome {
    /// The guest returned this status; 0 for done.
    Status(i32),
    /// The guest offered no buffer that holds the task; the largest that it did offer.
    NotTaken(u32),
    Refused(Refusal),
}

/// A guest's verdict on a task that it refused, as it is numbered in `Guest.REFUSALS` in Java, from 1.
#[derive(Clone, Copy)]
pub enum Refusal {
    Retry = 1,
    Skip = 2,
    Fatal = 3,
    DeadLetter = 4,
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
                Outcome::Status(status) => RETURNED | jlong::from(status as u32),
                Outcome::NotTaken(offered) => NOT_TAKEN | jlong::from(offered),
                Outcome::Refused(refusal) => (refusal as jlong) << REFUSAL_SHIFT,
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
        assert_eq!(0x46_0000_0000, Outcome::Status(0).encode(true, true));
        assert_eq!(4 << 35, Outcome::Refused(Refusal::DeadLetter).encode(false, false));
    }
}
