//! The ends of the tasks of a batch. They cross to Java in packed bytes, where `PackedEnds` reads them: for each task,
//! in their order, the verdict (0 for done), the length of the reason, the length of the produced records, an i32 each,
//! then the reason and the records. Numbers are little-endian.

use crate::guest::outcome::Verdict;
use crate::guest::outputs::Records;

/// The end of one task. As long as nothing else was said, the task is done.
#[derive(Default)]
pub struct End {
    /// None for done.
    pub verdict: Option<Verdict>,
    /// The reason of the verdict.
    pub reason: String,
    pub records: Records,
}

impl End {
    /// Returns the end of a task that was refused.
    pub fn refused(verdict: Verdict, reason: String) -> Self {
        End { verdict: Some(verdict), reason, records: Records::default() }
    }

    fn is_plain(&self) -> bool {
        self.verdict.is_none() && self.records.is_empty()
    }
}

/// The ends of all tasks, in their order.
#[derive(Default)]
pub struct Ends(pub Vec<End>);

impl Ends {
    /// Returns whether there is more to say than that all tasks are done.
    pub fn any(&self) -> bool {
        !self.0.iter().all(End::is_plain)
    }

    /// Takes all of them, packed. Records of refused tasks are dropped.
    pub fn take(&mut self) -> Vec<u8> {
        let mut packed = Vec::new();
        for End { verdict, reason, records } in self.0.drain(..) {
            let records = if verdict.is_none() { records.bytes() } else { &[] };
            packed.extend(verdict.map_or(0, |verdict| verdict as i32).to_le_bytes());
            packed.extend((reason.len() as i32).to_le_bytes());
            packed.extend((records.len() as i32).to_le_bytes());
            packed.extend_from_slice(reason.as_bytes());
            packed.extend_from_slice(records);
        }
        packed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_packed_in_their_order() {
        let mut ends = Ends(vec![End::default(), End::refused(Verdict::Skip, "no".to_owned())]);
        assert!(ends.any());
        let expected = [&[0; 12][..], &[3, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0], b"no"].concat();
        assert_eq!(expected, ends.take());
        assert!(!ends.any() && ends.take().is_empty());
        assert!(!Ends(vec![End::default()]).any());
    }
}
