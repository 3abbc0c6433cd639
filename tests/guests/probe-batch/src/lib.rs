//! A processor that takes batches and obeys the value of each task: the first word says what to do.
//! `probe-batch-component` does the same.

use std::time::Duration;

use wasmton::{Error, Record, Result, Task, batch_processor, info, produce, select};

batch_processor!(process);

fn process(batch: &[Task]) -> Result<Vec<Result>> {
    let values: Vec<_> = batch.iter().map(|task| String::from_utf8_lossy(task.value.unwrap_or_default())).collect();
    info!("batch: {}", values.join(", "));
    if values.iter().any(|value| value == "all later") {
        return Err(Error::retry("all later"));
    }
    let short = values.iter().any(|value| value == "short");
    let results = values.iter().enumerate().map(|(index, value)| obey(index, value));
    Ok(if short { results.skip(1).collect() } else { results.collect() })
}

fn obey(index: usize, value: &str) -> Result {
    let (command, rest) = value.split_once(' ').unwrap_or((value, ""));
    match command {
        "panic" => panic!("as it was told"),
        "exit" => std::process::exit(3),
        "sleep" => std::thread::sleep(Duration::from_millis(rest.parse().expect("milliseconds"))),
        "log" => {
            select(index);
            info!("{rest}");
        }
        "retry" => return Err(Error::retry(rest)),
        "dead-letter" => return Err(Error::dead_letter(rest)),
        "skip" => return Err(Error::skip(rest)),
        "fatal" => return Err(Error::stop(rest)),
        "produce" => {
            select(index);
            let (topic, text) = rest.split_once(' ').expect("a topic and a text");
            produce(&Record::new(topic).value(text)).map_err(Error::dead_letter)?;
        }
        // To produce, and fail nevertheless.
        "undo" => {
            select(index);
            produce(&Record::new(rest).value("undone"))?;
            return Err(Error::skip("undone"));
        }
        _ => {}
    }
    Ok(())
}
