//! The host calls that a thread is in, and the `Caller`s that these lend to a host function's calls of its own Store.

use std::cell::{Cell, RefCell};
use std::ptr::NonNull;

use jni::sys::jlong;
use wasmtime::{AsContextMut, Caller, StoreContextMut};

use crate::binding::store::Data;
use crate::bridge::error::{Error, Result};

thread_local! {
    /// The host calls that this thread is in, the innermost last.
    static HOST_CALLS: RefCell<Vec<HostCall>> = const { RefCell::new(Vec::new()) };
    /// The number of host calls that were numbered on this thread.
    static NUMBERED: Cell<jlong> = const { Cell::new(0) };
}

struct HostCall {
    store: jlong,
    /// None where nothing is lent.
    caller: Option<NonNull<Caller<'static, Data>>>,
    /// 0 until Java asks.
    number: jlong,
}

/// Lends a host function's `Caller` to the function's calls of its own Store, while this value lives.
pub struct Lent(());

impl Lent {
    /// # Safety
    /// `caller` outlives the value and is not touched while it lives.
    pub unsafe fn new(caller: &mut Caller<'_, Data>) -> Self {
        let store = caller.data().handle();
        let caller = Some(NonNull::from(caller).cast());
        HOST_CALLS.with_borrow_mut(|calls| calls.push(HostCall { store, caller, number: 0 }));
        Lent(())
    }

    /// Lends nothing, for Java that is called back by something other than a host function of ours, such as WASI, which
    /// is using the Store itself. Hides what a host function further down has lent, too.
    pub fn nothing(store: jlong) -> Self {
        HOST_CALLS.with_borrow_mut(|calls| calls.push(HostCall { store, caller: None, number: 0 }));
        Lent(())
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        HOST_CALLS.with_borrow_mut(|calls| calls.pop());
    }
}

/// Returns the number of the host call that this thread is in. No other host call of this thread has it.
pub fn host_call_number() -> Result<jlong> {
    HOST_CALLS.with_borrow_mut(|calls| {
        let call = calls.last_mut().filter(|call| call.caller.is_some()).ok_or_else(expired)?;
        if call.number == 0 {
            NUMBERED.set(NUMBERED.get() + 1);
            call.number = NUMBERED.get();
        }
        Ok(call.number)
    })
}

/// Uses the `Caller` of a host call, which has to be the one that this thread is in.
pub fn with_caller<R>(number: jlong, body: impl FnOnce(&mut Caller<'_, Data>) -> Result<R>) -> Result<R> {
    let caller = HOST_CALLS.with_borrow(|calls| calls.last().filter(|call| call.number == number)?.caller);
    // SAFETY: as in `with_lent`.
    caller.map_or_else(|| Err(expired()), |mut caller| body(unsafe { caller.as_mut() }))
}

fn expired() -> Error {
    Error::state("a Caller is of use during its host call, on that call's thread, and not in calls inside of it")
}

/// Uses what the innermost host call in that Store lends; `otherwise` where there is none.
pub fn with_lent<R>(
    store: jlong,
    otherwise: impl FnOnce() -> Error,
    body: impl FnOnce(StoreContextMut<'_, Data>) -> Result<R>,
) -> Result<R> {
    let innermost = |calls: &Vec<HostCall>| calls.iter().rfind(|call| call.store == store)?.caller;
    let lent = HOST_CALLS.with_borrow(innermost);
    // SAFETY: `Lent::new` had it promised that the Caller lives and is left alone; it was put there by a host function
    // further down this very stack, which waits for us; and what uses it now uses it to the end, since whatever runs on
    // top of that which could use it again is given a Caller of its own, or nothing.
    lent.map_or_else(|| Err(otherwise()), |mut caller| body(unsafe { caller.as_mut() }.as_context_mut()))
}
