//! Errors on their way to Java: which exception Java sees for each. One policy for errors and panics.
//!
//! | here | in Java |
//! | --- | --- |
//! | [`Cause::Exception`] | the same object |
//! | [`Cause::Closed`], [`Cause::Busy`], [`Cause::State`] | `IllegalStateException` |
//! | [`Cause::Argument`] | `IllegalArgumentException` |
//! | [`Cause::Limit`] | `ResourceLimitException` |
//! | [`Cause::OutOfBounds`] | `IndexOutOfBoundsException` |
//! | [`Cause::Stack`] | `StackOverflowError` |
//! | [`Cause::Other`] | the exception that the [`Failure`] throws: for wasmtime's errors see `binding/error.rs` |
//! | a null where an object is needed | `NullPointerException` |
//! | a panic | `WasmtimeException` that says so; the Store it ran in is closed |

use std::any::Any;
use std::fmt;

use jni::Env;
use jni::objects::JThrowable;
use jni::refs::Global;

pub type Result<T> = std::result::Result<T, Error>;

/// An error. No larger than a pointer: the result of a call or of a task stays in registers then.
#[derive(Debug)]
pub struct Error(Box<Cause>);

#[derive(Debug)]
pub enum Cause {
    /// An exception that Java threw while it was called from here.
    Exception(Global<JThrowable<'static>>),
    /// An exception that Java threw and that could not be kept, for this reason.
    LostException(jni::errors::Error),
    Jni(jni::errors::Error),
    /// The object of that kind is closed, or never was.
    Closed(&'static str),
    /// Another thread is using the object of that kind.
    Busy(&'static str),
    /// The request cannot be met now, or not with this object.
    State(String),
    Argument(String),
    /// A Store's limit was reached.
    Limit(String),
    OutOfBounds(String),
    /// The thread has too little stack left to enter wasm, in bytes.
    Stack {
        left: usize,
        needed: usize,
    },
    Panic(String),
    /// An error of a room above this one.
    Other(Box<dyn Failure>),
}

/// An error that knows which exception it becomes.
pub trait Failure: Any + fmt::Debug + fmt::Display + Send + Sync {
    /// Leaves the exception pending. `Err(JavaException)` means success, too.
    fn throw(self: Box<Self>, env: &mut Env<'_>) -> jni::errors::Result<()>;
}

impl Error {
    pub fn cause(&self) -> &Cause {
        &self.0
    }

    pub fn into_cause(self) -> Cause {
        *self.0
    }

    #[inline]
    pub fn is_busy(&self) -> bool {
        matches!(*self.0, Cause::Busy(_))
    }

    #[cold]
    pub fn closed(what: &'static str) -> Self {
        Cause::Closed(what).into()
    }

    #[cold]
    pub fn busy(what: &'static str) -> Self {
        Cause::Busy(what).into()
    }

    #[cold]
    pub fn state(message: impl Into<String>) -> Self {
        Cause::State(message.into()).into()
    }

    #[cold]
    pub fn argument(message: impl Into<String>) -> Self {
        Cause::Argument(message.into()).into()
    }

    #[cold]
    pub fn limit(message: String) -> Self {
        Cause::Limit(message).into()
    }

    /// The system refused to start a thread that is needed for `what`.
    #[cold]
    pub fn no_thread(what: &str, e: &dyn fmt::Display) -> Self {
        Error::limit(format!(
            "the system has no thread for {what}: {e}. Allow this process more threads (ulimit -u, or the limit of \
             processes of its container)"
        ))
    }

    #[cold]
    pub fn out_of_bounds(message: String) -> Self {
        Cause::OutOfBounds(message).into()
    }

    #[cold]
    pub fn panic(message: String) -> Self {
        Cause::Panic(message).into()
    }
}

impl From<Cause> for Error {
    #[cold]
    fn from(cause: Cause) -> Self {
        Error(Box::new(cause))
    }
}

impl From<jni::errors::Error> for Error {
    fn from(e: jni::errors::Error) -> Self {
        Cause::Jni(e).into()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Exception(_) => f.write_str("a host function threw an exception"),
            Cause::LostException(e) => write!(f, "a host function threw an exception, which got lost: {e}"),
            Cause::Jni(e) => e.fmt(f),
            Cause::Closed(what) => write!(f, "the {what} is closed"),
            Cause::Busy(what) => {
                write!(f, "the {what} is in use by another call; one thread at a time may use it")
            }
            Cause::State(message) | Cause::Argument(message) | Cause::Limit(message) | Cause::OutOfBounds(message) => {
                f.write_str(message)
            }
            Cause::Stack { left, needed } => write!(
                f,
                "{} KiB of this thread's stack are left, entering wasm needs {} KiB; give the thread a larger stack, \
                 or wasm a smaller one (Config.maxWasmStack, GuestLimits.stack)",
                left / 1024,
                needed / 1024
            ),
            Cause::Panic(message) => write!(f, "panic in the native library: {message}"),
            Cause::Other(e) => write!(f, "{e:#}"),
        }
    }
}

/// Makes an error one that can go through wasm, from a host function to the call that entered wasm.
impl std::error::Error for Error {}

pub fn panic_message(payload: &(dyn Any + Send)) -> String {
    payload
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| payload.downcast_ref::<&str>().map(ToString::to_string))
        .unwrap_or_else(|| "(no message)".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_keeps_its_message() {
        for (payload, message) in [
            (Box::new("static") as Box<dyn Any + Send>, "static"),
            (Box::new("owned".to_owned()), "owned"),
            (Box::new(7), "(no message)"),
        ] {
            assert_eq!(message, panic_message(&*payload));
        }
    }
}
