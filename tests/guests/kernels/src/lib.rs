//! Functions for benchmarks. Imports only the host's `add` and the processors' `poll_task`, without WASI, so that every
//! runtime can run it.

#![no_std]

use core::ptr::addr_of_mut;

use sha2::{Digest, Sha256};

const BUFFER: usize = 1024 * 1024;

/// A buffer for the host to read and write; [`buffer`] returns its address.
static mut BYTES: [u8; BUFFER] = [0; BUFFER];

#[link(wasm_import_module = "host")]
unsafe extern "C" {
    fn add(a: i32, b: i32) -> i32;
}

#[link(wasm_import_module = "decaton")]
unsafe extern "C" {
    fn poll_task(address: i64, length: i32) -> i32;
}

/// Returns the address of 1 MiB.
#[unsafe(no_mangle)]
pub extern "C" fn buffer() -> i32 {
    addr_of_mut!(BYTES) as usize as i32
}

#[unsafe(no_mangle)]
pub extern "C" fn empty() {}

#[unsafe(no_mangle)]
pub extern "C" fn sum(a: i32, b: i32) -> i32 {
    a.wrapping_add(b)
}

/// Calls the host that many times.
#[unsafe(no_mangle)]
pub extern "C" fn callbacks(times: i32) -> i32 {
    // SAFETY: the host adds.
    (0..times).fold(0, |sum, i| unsafe { add(sum, i) })
}

/// A processor that takes its task and does nothing else.
#[unsafe(no_mangle)]
pub extern "C" fn run() {
    // SAFETY: the host writes so many bytes at most.
    unsafe { poll_task(i64::from(buffer()), BUFFER as i32) };
}

#[unsafe(no_mangle)]
pub extern "C" fn fib(n: i32) -> i32 {
    if n < 2 { n } else { fib(n - 1) + fib(n - 2) }
}

/// Returns the first bytes of the SHA-256 of the buffer.
#[unsafe(no_mangle)]
pub extern "C" fn sha256() -> i32 {
    // SAFETY: the guest has one thread, and the host does nothing meanwhile.
    let hash = Sha256::digest(unsafe { &*addr_of_mut!(BYTES) });
    i32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]])
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
