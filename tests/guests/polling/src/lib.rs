//! Polls in every wrong way, checks that nothing happened, then takes the task and returns its first byte, as a digit.
//! A task of more than 2 MiB is left alone. Tasks have two bytes at least.

#[link(wasm_import_module = "decaton")]
unsafe extern "C" {
    fn poll_task(buf_addr: i64, buf_len: i32) -> i32;
}

const UNTOUCHED: u8 = 0xA5;

#[unsafe(no_mangle)]
pub extern "C" fn run() -> i32 {
    let mut buffer = vec![UNTOUCHED; 2 << 20];
    let address = buffer.as_mut_ptr() as i64;
    let memory = (core::arch::wasm32::memory_size(0) << 16) as i64;
    let poll = |address: i64, len: i32| unsafe { poll_task(address, len) };

    for (address, len) in [
        (address, -1),
        (address, i32::MIN),
        (-1, 16),
        (i64::MIN, 16),
        (address + (1 << 32), 16),
        (memory - 4, 16),
        (memory, 16),
        (address, i32::MAX),
        (i64::from(u32::MAX), 16),
        (i64::MAX, i32::MAX),
        (address, 0),
        (address, 1),
    ] {
        assert_eq!(-1, poll(address, len), "{address} {len}");
    }
    assert!(buffer.iter().all(|byte| *byte == UNTOUCHED));
    let len = poll(address + 8, 16);
    if len == -1 {
        assert!(buffer.iter().all(|byte| *byte == UNTOUCHED), "a task that does not fit is not begun");
        let len = poll(address, buffer.len() as i32);
        if len == -1 {
            return 0; // larger than any buffer here
        }
        return digit(&mut buffer, 0, len as usize);
    }
    digit(&mut buffer, 8, len as usize)
}

/// Checks that nothing beyond the task was written, and that there is no second one.
fn digit(buffer: &mut [u8], start: usize, len: usize) -> i32 {
    assert!(buffer[..start].iter().chain(&buffer[start + len..]).all(|byte| *byte == UNTOUCHED));
    let status = i32::from(buffer[start]) - i32::from(b'0');
    assert_eq!(-1, unsafe { poll_task(buffer.as_mut_ptr() as i64, buffer.len() as i32) });
    status
}
