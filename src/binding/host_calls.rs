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
    loan: Loan,
    /// 0 until Java asks.
    number: jlong,
}

/// What a host call lends.
#[derive(Clone, Copy)]
enum Loan {
    Nothing,
    Caller(NonNull<Caller<'static, Data>>),
    /// That of a component's host function, which has no `Caller`.
    Context(NonNull<StoreContextMut<'static, Data>>),
}

/// Lends a host function's `Caller` to the function's calls of its own Store, while this value lives.
pub struct Lent(());

impl Lent {
    /// # Safety
    /// `caller` outlives the value and is not touched while it lives.
    pub unsafe fn new(caller: &mut Caller<'_, Data>) -> Self {
        let store = caller.data().handle();
        let loan = Loan::Caller(NonNull::from(caller).cast());
        HOST_CALLS.with_borrow_mut(|calls| calls.push(HostCall { store, loan, number: 0 }));
        Lent(())
    }

    /// Lends the context of a component's host function.
    ///
    /// # Safety
    /// As for [`new`](Self::new).
    pub unsafe fn context(context: &mut StoreContextMut<'_, Data>) -> Self {
        let store = context.data().handle();
        let loan = Loan::Context(NonNull::from(context).cast());
        HOST_CALLS.with_borrow_mut(|calls| calls.push(HostCall { store, loan, number: 0 }));
        Lent(())
    }

    /// Lends nothing, for Java that is called back by something other than a host function of ours, such as WASI, which
    /// is using the Store itself. Hides what a host function further down has lent, too.
    pub fn nothing(store: jlong) -> Self {
        HOST_CALLS.with_borrow_mut(|calls| calls.push(HostCall { store, loan: Loan::Nothing, number: 0 }));
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
        let call = calls.last_mut().filter(|call| matches!(call.loan, Loan::Caller(_))).ok_or_else(expired)?;
        if call.number == 0 {
            NUMBERED.set(NUMBERED.get() + 1);
            call.number = NUMBERED.get();
        }
        Ok(call.number)
    })
}

/// Uses the `Caller` of a host call, which has to be the one that this thread is in.
pub fn with_caller<R>(number: jlong, body: impl FnOnce(&mut Caller<'_, Data>) -> Result<R>) -> Result<R> {
    let loan = HOST_CALLS.with_borrow(|calls| Some(calls.last().filter(|call| call.number == number)?.loan));
    match loan {
        // SAFETY: as in `with_lent`.
        Some(Loan::Caller(mut caller)) => body(unsafe { caller.as_mut() }),
        _ => Err(expired()),
    }
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
    let innermost = |calls: &Vec<HostCall>| Some(calls.iter().rfind(|call| call.store == store)?.loan);
    // SAFETY (of both): `Lent` had it promised that what is lent lives and is left alone; it was put there by a host
    // function further down this very stack, which waits for us; and what uses it now uses it to the end, since
    // whatever runs on top of that which could use it again is given a loan of its own, or nothing.
    match HOST_CALLS.with_borrow(innermost) {
        // SAFETY: see above.
        Some(Loan::Caller(mut caller)) => body(unsafe { caller.as_mut() }.as_context_mut()),
        // SAFETY: see above.
        Some(Loan::Context(mut context)) => body(unsafe { context.as_mut() }.as_context_mut()),
        Some(Loan::Nothing) | None => Err(otherwise()),
    }
}
