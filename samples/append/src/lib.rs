//! A task processor that takes batches: it appends the tasks of a batch to the file `/lines` by one write and one sync.
//! To write them one at a time would take a sync for each.

use std::fs::File;
use std::io::{Error as IoError, Write};

use wasmton::{Error, Result, Task, info};

wasmton::batch_processor!(process);

fn process(batch: &[Task]) -> Result<Vec<Result>> {
    let mut lines = Vec::new();
    let results = batch.iter().map(|task| add(&mut lines, task)).collect();
    // An error here is the verdict on all tasks: they are retried.
    append(&lines)?;
    info!("{} tasks, {} bytes", batch.len(), lines.len());
    Ok(results)
}

/// Adds a task to the lines. An error is the verdict on this task alone.
fn add(lines: &mut Vec<u8>, task: &Task) -> Result {
    let value = task.value.unwrap_or_default();
    if value.contains(&b'\n') {
        return Err(Error::dead_letter("the value has more than one line"));
    }
    lines.extend(value);
    lines.push(b'\n');
    Ok(())
}

fn append(lines: &[u8]) -> Result<(), IoError> {
    let mut file = File::options().append(true).create(true).open("/lines")?;
    file.write_all(lines)?;
    file.sync_data()
}
