//! A task processor that misbehaves as its task says: harm that Rust code can do to its host by accident or on purpose,
//! with the traps that Rust's own toolchain produces.

use std::cell::{Cell, RefCell};

#[link(wasm_import_module = "decaton")]
unsafe extern "C" {
    fn poll_task(buf_addr: i64, buf_len: i32) -> i32;
}

thread_local! {
    /// Tasks that this instance was given.
    static SEEN: Cell<i32> = const { Cell::new(0) };
    static KEPT: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// Returns 0 when done; for `count`, the number of tasks this instance has seen.
#[unsafe(no_mangle)]
pub extern "C" fn run() -> i32 {
    let mut buffer = vec![0; 1024];
    // SAFETY: the host writes at most `buffer.len()` bytes from the start of the buffer, which nobody else uses.
    let length = unsafe { poll_task(buffer.as_mut_ptr() as i64, buffer.len() as i32) };
    SEEN.set(SEEN.get() + 1);
    match std::str::from_utf8(&buffer[..length as usize]).expect("text") {
        "nothing" => 0,
        "count" => SEEN.get(),
        "panic" => panic!("on purpose"),
        "index" => i32::from(buffer[SEEN.get() as usize + 5000]),
        "exit" => std::process::exit(3),
        "abort" => std::process::abort(),
        "loop" => loop {
            SEEN.set(SEEN.get().wrapping_add(1));
        },
        "recurse" => recurse(SEEN.get()),
        "big array" => big_array(),
        // Up to the end of the memory. 4 GiB are too much to touch in a test, so it asks for them at once.
        "allocate" => {
            KEPT.with_borrow_mut(|kept| kept.push(Vec::with_capacity(0x7fff_0000)));
            KEPT.with_borrow_mut(|kept| kept.push(Vec::with_capacity(0x7fff_0000)));
            KEPT.with_borrow_mut(|kept| kept.push(Vec::with_capacity(0x7fff_0000)));
            0
        }
        other => panic!("no such misdeed: {other}"),
    }
}

#[inline(never)]
#[allow(unconditional_recursion, reason = "it is what is asked for")]
fn recurse(n: i32) -> i32 {
    let frame = [n; 16];
    std::hint::black_box(&frame);
    recurse(n.wrapping_add(1)).wrapping_add(frame[n as usize % 16])
}

/// Uses more than the whole stack that the linker gave this module.
#[inline(never)]
fn big_array() -> i32 {
    let array = [SEEN.get() as u8; 2 << 20];
    std::hint::black_box(&array).iter().map(|byte| i32::from(*byte)).sum()
}
