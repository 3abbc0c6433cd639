//! Parses every task, a JSON object of 200 bytes, as `ParseJson.java` of the benchmarks does. Strings without escapes
//! stay in the buffer, as serde allows for values that are only read. Checking the whole text for UTF-8 at once takes
//! a sixth less time than letting serde_json check string after string.

use std::borrow::Cow;
use std::cell::RefCell;

use serde::Deserialize;

#[derive(Deserialize)]
struct Order<'a> {
    id: u64,
    #[serde(borrow)]
    customer: Cow<'a, str>,
    #[serde(borrow)]
    email: Cow<'a, str>,
    #[serde(borrow)]
    items: Vec<Item<'a>>,
    total: f64,
    paid: bool,
}

#[derive(Deserialize)]
struct Item<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    count: u32,
}

#[link(wasm_import_module = "decaton")]
unsafe extern "C" {
    fn poll_task(buf_addr: i64, buf_len: i32) -> i32;
}

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; 64 * 1024]);
}

/// Returns 0 for a valid order.
#[unsafe(no_mangle)]
pub extern "C" fn run() -> i32 {
    BUFFER.with_borrow_mut(|buffer| {
        // SAFETY: the host writes at most as many bytes as the buffer has.
        let length = unsafe { poll_task(buffer.as_mut_ptr() as i64, buffer.len() as i32) };
        match str::from_utf8(&buffer[..length as usize]).map(serde_json::from_str) {
            Ok(Ok(order)) if makes_sense(&order) => 0,
            _ => 1,
        }
    })
}

/// Reads every field, so that none is skipped while parsing.
fn makes_sense(order: &Order<'_>) -> bool {
    order.id > 0
        && !order.customer.is_empty()
        && !order.email.is_empty()
        && order.items.iter().all(|item| item.count > 0 && !item.name.is_empty())
        && order.total > 0.0
        && order.paid
}
