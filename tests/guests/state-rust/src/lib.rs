//! A processor of protocol 1 that uses its stores as its tasks say: a word and its arguments. The guests state-* in
//! other languages do the same.

use wasmton::{Entry, Error, Result, StateError, Store, Task, info};

wasmton::processor!(process);

fn process(task: &Task) -> Result {
    let text = String::from_utf8_lossy(task.value.unwrap_or_default());
    let words: Vec<&str> = text.split(' ').collect();
    let store = Store::open(words[1]).map_err(refused)?;
    match *words.as_slice() {
        ["get", _, key] => match store.get(key).map_err(refused)? {
            Some(value) => info!("{}", shown(&value)),
            None => info!("none"),
        },
        ["get-often", _, key, times] => {
            for _ in 0..times.parse::<u32>()? {
                store.get(key).map_err(refused)?;
            }
        }
        ["set", _, key, value] => store.set(key, value).map_err(refused)?,
        ["set-size", _, key, size] => store.set(key, vec![0; size.parse()?]).map_err(refused)?,
        ["delete", _, key] => store.delete(key).map_err(refused)?,
        ["scan", _, from, to, limit] => {
            let to = (to != "-").then_some(to.as_bytes());
            tell(&store.scan(from, to, limit.parse()?).map_err(refused)?);
        }
        ["prefix", _, prefix, limit] => tell(&store.scan_prefix(prefix, limit.parse()?).map_err(refused)?),
        _ => return Err(Error::stop(format_args!("no such word: {}", words[0]))),
    }
    Ok(())
}

fn tell(entries: &[Entry]) {
    let entries: Vec<_> = entries.iter().map(|(key, value)| format!("{}={}", shown(key), shown(value))).collect();
    info!("{}", entries.join(" "));
}

fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn refused(error: StateError) -> Error {
    Error::skip(match error {
        StateError::NoSuchStore => "no-such-store",
        StateError::ReadOnly => "read-only",
        StateError::TooLarge => "too-large",
        StateError::Limit => "limit",
    })
}
