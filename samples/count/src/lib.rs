//! A task processor with state: it counts the tasks of each key in the store `counts`. With the setting `topic` it also
//! sends each new count to that topic.

use wasmton::{OrDeadLetter, Record, Result, Store, Task, produce, setting};

wasmton::processor!(process);

fn process(task: &Task) -> Result {
    let key = task.key.ok_or("there is no key").or_dead_letter()?;
    let counts = Store::open("counts")?;
    let before = counts.get(key)?;
    let count = (before.map_or(Ok(0), |text| number(&text)).or_stop()? + 1).to_string();
    // Kept when the task is done, and dropped when the attempt fails: a retry does not count twice.
    counts.set(key, &count)?;
    if let Some(topic) = setting("topic") {
        // Wasmton stops if the operator did not grant the topic, and above if it is the store.
        produce(&Record::new(&topic).key(key).value(&count))?;
    }
    Ok(())
}

fn number(text: &[u8]) -> Result<u64, String> {
    let text = String::from_utf8_lossy(text);
    text.parse()
        .map_err(|e| format!("the store has no count but {text:?}: {e}"))
}
