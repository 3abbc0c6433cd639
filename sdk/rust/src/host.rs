//! The imports of protocol 1. Outside of Wasmton, in the tests of a processor, nothing is granted and nothing is set.

#[cfg(target_arch = "wasm32")]
mod imports {
    #[link(wasm_import_module = "wasmton_v1")]
    unsafe extern "C" {
        pub fn next(buffer: *mut u8, capacity: usize) -> i32;
        pub fn next_batch(buffer: *mut u8, capacity: usize) -> i32;
        pub fn select(index: u32);
        pub fn finish(verdict: i32, reason: *const u8, length: usize);
        pub fn produce(record: *const u8, length: usize) -> i32;
        pub fn log(level: i32, text: *const u8, length: usize);
        pub fn log_enabled(level: i32) -> i32;
        pub fn count(name: *const u8, length: usize, amount: u32);
        pub fn setting(name: *const u8, name_length: usize, buffer: *mut u8, capacity: usize) -> i32;
        pub fn setting_name(index: u32, buffer: *mut u8, capacity: usize) -> i32;
        pub fn state_open(name: *const u8, length: usize) -> i32;
        pub fn state_get(store: i32, key: *const u8, key_length: usize, buffer: *mut u8, capacity: usize) -> i32;
        pub fn state_set(store: i32, key: *const u8, key_length: usize, value: *const u8, value_length: usize) -> i32;
        pub fn state_delete(store: i32, key: *const u8, key_length: usize) -> i32;
        pub fn state_scan(
            store: i32,
            from: *const u8,
            from_length: usize,
            to: *const u8,
            to_length: isize,
            limit: u32,
            buffer: *mut u8,
            capacity: usize,
        ) -> i32;
        pub fn http_send(request: *const u8, length: usize, buffer: *mut u8, capacity: usize) -> i32;
        pub fn http_read(buffer: *mut u8, capacity: usize) -> i32;
    }
}

#[cfg(not(target_arch = "wasm32"))]
#[expect(clippy::missing_safety_doc, reason = "these do nothing")]
mod imports {
    pub unsafe fn next(_: *mut u8, _: usize) -> i32 {
        -1
    }
    pub unsafe fn next_batch(_: *mut u8, _: usize) -> i32 {
        -1
    }
    pub unsafe fn select(_: u32) {}
    pub unsafe fn finish(_: i32, _: *const u8, _: usize) {}
    pub unsafe fn produce(_: *const u8, _: usize) -> i32 {
        1
    }
    pub unsafe fn log(_: i32, _: *const u8, _: usize) {}
    pub unsafe fn log_enabled(_: i32) -> i32 {
        0
    }
    pub unsafe fn count(_: *const u8, _: usize, _: u32) {}
    pub unsafe fn setting(_: *const u8, _: usize, _: *mut u8, _: usize) -> i32 {
        -1
    }
    pub unsafe fn setting_name(_: u32, _: *mut u8, _: usize) -> i32 {
        -1
    }
    pub unsafe fn state_open(_: *const u8, _: usize) -> i32 {
        -1
    }
    pub unsafe fn state_get(_: i32, _: *const u8, _: usize, _: *mut u8, _: usize) -> i32 {
        -1
    }
    pub unsafe fn state_set(_: i32, _: *const u8, _: usize, _: *const u8, _: usize) -> i32 {
        0
    }
    pub unsafe fn state_delete(_: i32, _: *const u8, _: usize) -> i32 {
        0
    }
    #[expect(clippy::too_many_arguments, reason = "they are the host's")]
    pub unsafe fn state_scan(
        _: i32,
        _: *const u8,
        _: usize,
        _: *const u8,
        _: isize,
        _: u32,
        _: *mut u8,
        _: usize,
    ) -> i32 {
        0
    }
    pub unsafe fn http_send(_: *const u8, _: usize, _: *mut u8, _: usize) -> i32 {
        -1
    }
    pub unsafe fn http_read(_: *mut u8, _: usize) -> i32 {
        -1
    }
}

use std::cell::RefCell;

thread_local! {
    /// The buffer for tasks, which grows to the largest one.
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; 64 * 1024]);
}

/// Calls a function with each packed task until there is none.
pub fn each_task(process: impl FnMut(&[u8])) {
    // SAFETY: `each` gives the host a buffer of that capacity.
    each(|buffer, capacity| unsafe { imports::next(buffer, capacity) }, process);
}

/// Calls a function with each batch, packed tasks behind their sizes, until there is none.
pub fn each_batch(process: impl FnMut(&[u8])) {
    // SAFETY: `each` gives the host a buffer of that capacity.
    each(|buffer, capacity| unsafe { imports::next_batch(buffer, capacity) }, process);
}

pub fn select(index: u32) {
    // SAFETY: no pointers.
    unsafe { imports::select(index) }
}

fn each(next: impl Fn(*mut u8, usize) -> i32, mut process: impl FnMut(&[u8])) {
    BUFFER.with_borrow_mut(|buffer| {
        loop {
            let size = next(buffer.as_mut_ptr(), buffer.len());
            match usize::try_from(size) {
                Err(_) => return,
                Ok(size) if size > buffer.len() => buffer.resize(size + size / 2, 0),
                Ok(size) => process(&buffer[..size]),
            }
        }
    });
}

pub fn finish(verdict: i32, reason: &str) {
    // SAFETY: the host reads the text.
    unsafe { imports::finish(verdict, reason.as_ptr(), reason.len()) }
}

pub fn produce(record: &[u8]) -> i32 {
    // SAFETY: the host reads the record.
    unsafe { imports::produce(record.as_ptr(), record.len()) }
}

pub fn log(level: i32, text: &str) {
    // SAFETY: the host reads the text.
    unsafe { imports::log(level, text.as_ptr(), text.len()) }
}

pub fn log_enabled(level: i32) -> bool {
    // SAFETY: no pointers.
    unsafe { imports::log_enabled(level) != 0 }
}

pub fn count(name: &str, amount: u32) {
    // SAFETY: the host reads the name.
    unsafe { imports::count(name.as_ptr(), name.len(), amount) }
}

pub fn setting(name: &str) -> Option<String> {
    // SAFETY: the host reads the name; `text` gives it a buffer of that capacity.
    text(|buffer, capacity| unsafe { imports::setting(name.as_ptr(), name.len(), buffer, capacity) })
}

pub fn setting_name(index: u32) -> Option<String> {
    // SAFETY: `text` gives the host a buffer of that capacity.
    text(|buffer, capacity| unsafe { imports::setting_name(index, buffer, capacity) })
}

/// Gets a text of unknown size.
fn text(get: impl Fn(*mut u8, usize) -> i32) -> Option<String> {
    let mut bytes = vec![0; usize::try_from(get(std::ptr::null_mut(), 0)).ok()?];
    get(bytes.as_mut_ptr(), bytes.len());
    String::from_utf8(bytes).ok()
}

thread_local! {
    /// The buffer for what stores and servers return, which grows to the largest result.
    static RESULTS: RefCell<Vec<u8>> = RefCell::new(vec![0; 4 * 1024]);
}

/// Calls a function with a buffer until its result fits. A result below zero is the error.
fn result<T>(get: impl Fn(*mut u8, usize) -> i32, read: impl FnOnce(&[u8]) -> T) -> Result<T, i32> {
    RESULTS.with_borrow_mut(|buffer| {
        loop {
            let size = get(buffer.as_mut_ptr(), buffer.len());
            match usize::try_from(size) {
                Err(_) => return Err(size),
                Ok(size) if size > buffer.len() => buffer.resize(size + size / 2, 0),
                Ok(size) => return Ok(read(&buffer[..size])),
            }
        }
    })
}

pub fn state_open(name: &str) -> i32 {
    // SAFETY: the host reads the name.
    unsafe { imports::state_open(name.as_ptr(), name.len()) }
}

pub fn state_get(store: i32, key: &[u8]) -> Result<Vec<u8>, i32> {
    // SAFETY: the host reads the key; `result` gives it a buffer of that capacity.
    let get = |buffer, capacity| unsafe { imports::state_get(store, key.as_ptr(), key.len(), buffer, capacity) };
    result(get, <[u8]>::to_vec)
}

pub fn state_set(store: i32, key: &[u8], value: &[u8]) -> i32 {
    // SAFETY: the host reads key and value.
    unsafe { imports::state_set(store, key.as_ptr(), key.len(), value.as_ptr(), value.len()) }
}

pub fn state_delete(store: i32, key: &[u8]) -> i32 {
    // SAFETY: the host reads the key.
    unsafe { imports::state_delete(store, key.as_ptr(), key.len()) }
}

pub fn state_scan<T>(
    store: i32,
    from: &[u8],
    to: Option<&[u8]>,
    limit: u32,
    read: impl FnOnce(&[u8]) -> T,
) -> Result<T, i32> {
    let (end, length) = to.map_or((std::ptr::null(), -1), |to| (to.as_ptr(), to.len() as isize));
    let scan = |buffer, capacity| {
        // SAFETY: the host reads the keys; `result` gives it a buffer of that capacity.
        unsafe { imports::state_scan(store, from.as_ptr(), from.len(), end, length, limit, buffer, capacity) }
    };
    result(scan, read)
}

/// Sends a packed request. The error is the number of the failure, with the reason in words.
pub fn http_send<T>(request: &[u8], read: impl FnOnce(&[u8]) -> T) -> Result<T, (i32, String)> {
    // SAFETY: `result` gives the host a buffer of that capacity.
    let left = |buffer, capacity| unsafe { imports::http_read(buffer, capacity) };
    let sent = std::cell::Cell::new(false);
    // A response that does not fit waits for http_read, so the request is sent once.
    let send = |buffer, capacity| {
        if sent.replace(true) {
            return left(buffer, capacity);
        }
        // SAFETY: the host reads the request; `result` gives it a buffer of that capacity.
        unsafe { imports::http_send(request.as_ptr(), request.len(), buffer, capacity) }
    };
    result(send, read).map_err(|number| {
        let reason = result(left, |text| String::from_utf8_lossy(text).into_owned());
        (number, reason.unwrap_or_default())
    })
}
