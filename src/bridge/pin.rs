//! Keeps the library mapped for the life of the process: its threads, and wasmtime's handlers, live on when the JVM
//! unloads the class loader that loaded it. On Linux the linker marks the file (`build.rs`); elsewhere the system is
//! asked at run time.

#[cfg(any(windows, target_vendor = "apple"))]
use std::ffi::c_void;
use std::io;

/// Any address in this library.
#[cfg(any(windows, target_vendor = "apple"))]
static HERE: u8 = 0;

#[cfg(windows)]
pub fn pin() -> io::Result<()> {
    const PIN: u32 = 1;
    const FROM_ADDRESS: u32 = 4;
    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn GetModuleHandleExW(flags: u32, address: *const c_void, module: *mut *mut c_void) -> i32;
    }
    let mut module = std::ptr::null_mut();
    // SAFETY: the signature is that of the system; the address lies in this library, and is only looked up.
    match unsafe { GetModuleHandleExW(PIN | FROM_ADDRESS, (&raw const HERE).cast(), &mut module) } {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

#[cfg(target_vendor = "apple")]
pub fn pin() -> io::Result<()> {
    use std::ffi::{c_char, c_int};
    use std::ptr::{null, null_mut};

    const LAZY: c_int = 1;
    const NOLOAD: c_int = 0x10;
    const NODELETE: c_int = 0x80;
    #[repr(C)]
    struct Info {
        file: *const c_char,
        base: *mut c_void,
        symbol: *const c_char,
        address: *mut c_void,
    }
    unsafe extern "C" {
        fn dladdr(address: *const c_void, info: *mut Info) -> c_int;
        fn dlopen(file: *const c_char, mode: c_int) -> *mut c_void;
    }
    let mut info = Info { file: null(), base: null_mut(), symbol: null(), address: null_mut() };
    // SAFETY: the signatures are those of the system. `dladdr` has filled in the name, which lives as long as the
    // library is mapped.
    let pinned = unsafe {
        dladdr((&raw const HERE).cast(), &mut info) != 0 && !dlopen(info.file, LAZY | NOLOAD | NODELETE).is_null()
    };
    if pinned { Ok(()) } else { Err(io::Error::other("dlopen does not find the file of the native library")) }
}

#[cfg(not(any(windows, target_vendor = "apple")))]
pub fn pin() -> io::Result<()> {
    Ok(())
}
