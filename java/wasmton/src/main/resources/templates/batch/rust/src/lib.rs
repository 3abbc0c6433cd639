//! A task processor that takes batches: it sends the tasks of a batch to an HTTP service in one request, a line each.

use wasmton::{Error, Request, Result, Task, info, setting};

wasmton::batch_processor!(process);

/// Processes a batch. Wasmton calls it once for each batch.
fn process(batch: &[Task]) -> Result<Vec<Result>> {
    let mut lines = Vec::new();
    let results = batch.iter().map(|task| add(&mut lines, task)).collect();
    // An error here is the verdict on all tasks: they are retried.
    insert(&lines)?;
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

fn insert(lines: &[u8]) -> Result {
    if lines.is_empty() {
        return Ok(());
    }
    let url = setting("url").ok_or_else(|| Error::stop("the setting url is missing"))?;
    // It needs no time-out: Wasmton ends a batch at its deadline.
    let answer = Request::new("POST", &url).body(lines).send()?;
    if answer.status >= 300 {
        return Err(Error::retry(format!("insert: answered {}", answer.status)));
    }
    Ok(())
}
