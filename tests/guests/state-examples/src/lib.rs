//! The examples of docs/state.md, which has their functions word by word. The setting `example` names one of them.

use wasmton::{OrDeadLetter, Record, Result, Store, Task, produce, setting};

wasmton::processor!(process);

fn process(task: &Task) -> Result {
    let key = task.key.ok_or("there is no key").or_dead_letter()?;
    match setting("example").as_deref() {
        Some("deduplicate") => deduplicate(task, key),
        Some("changes") => changes(task, key),
        Some("per-hour") => per_hour(task, key),
        Some("enrich") => enrich(task, key),
        other => Err(wasmton::Error::stop(format!("no example {other:?}"))),
    }
}

fn deduplicate(task: &Task, id: &[u8]) -> Result {
    let seen = Store::open("seen")?; // --state seen:ttl=1h
    if seen.get(id)?.is_none() {
        seen.set(id, "")?;
        produce(&task.to("unique"))?;
    }
    Ok(())
}

fn changes(task: &Task, sensor: &[u8]) -> Result {
    let last = Store::open("last")?; // --state last
    let now = task.value.unwrap_or_default();
    if last.get(sensor)?.as_deref() != Some(now) {
        last.set(sensor, now)?;
        produce(&task.to("changes"))?;
    }
    Ok(())
}

fn per_hour(task: &Task, shop: &[u8]) -> Result {
    let hours = Store::open("hours")?; // --state hours
    let hour = task.timestamp.ok_or("there is no timestamp").or_dead_letter()? / 3_600_000;
    // Entries of one shop are next to each other, in the order of their hours.
    let prefix = [shop, b"/"].concat();
    let entry = [&prefix[..], &hour.to_be_bytes()].concat();
    for (earlier, count) in hours.scan(&prefix, Some(&entry), 100)? {
        produce(&Record::new("per-hour").key(shop).value(&count))?;
        hours.delete(&earlier)?;
    }
    let before = hours.get(&entry)?.map_or(0, |text| String::from_utf8_lossy(&text).parse().unwrap_or(0));
    hours.set(&entry, (before + 1).to_string())?;
    Ok(())
}

fn enrich(task: &Task, customer: &[u8]) -> Result {
    let customers = Store::open("customers")?; // --table customers
    let name = customers.get(customer)?.ok_or("an unknown customer").or_dead_letter()?;
    produce(&task.to("orders-with-names").header("customer", &name))?;
    Ok(())
}
