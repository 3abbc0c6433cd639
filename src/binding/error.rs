//! wasmtime's errors: which exception Java sees for each. [`bridge::error`](crate::bridge::error) has the table of all
//! others.
//!
//! | here | in Java |
//! | --- | --- |
//! | an [`Error`] of ours that went through wasm | the exception of that error |
//! | [`wasmtime::Trap`] | `TrapException` with its code, message and wasm frames |
//! | an error made by [`at_fault`] | `TrapException` with the code `OTHER` |
//! | [`wasmtime_wasi::I32Exit`] | `ExitException` |
//! | any other wasmtime error | `WasmtimeException` with the whole chain of causes |

use std::any::Any;
use std::fmt;

use jni::objects::{JObject, JString};
use jni::refs::{LoaderContext, Reference};
use jni::sys::jvalue;
use jni::{Env, jni_sig, jni_str};
use wasmtime::{ThrownException, Trap, WasmBacktrace, WasmCoreDump};
use wasmtime_wasi::I32Exit;

use crate::bridge::class::JavaClass;
use crate::bridge::error::{Cause, Error, Failure, Result};
use crate::bridge::exceptions::{ExceptionClass, wasmtime_exception};
use crate::bridge::java::string_array;

static TRAP: ExceptionClass = JavaClass::new(jni_str!("io.github.wasmton.wasmtime.TrapException"));
static EXIT: ExceptionClass = JavaClass::new(jni_str!("io.github.wasmton.wasmtime.ExitException"));

/// Looks the exceptions up.
pub fn find(env: &mut Env<'_>, loader: &LoaderContext<'_, '_>) -> Result<()> {
    TRAP.find(env, loader, |env, class| {
        let constructor = jni_sig!("(Ljava/lang/String;Ljava/lang/String;Ljava/lang/String;[Ljava/lang/String;[B)V");
        env.get_method_id(class, jni_str!("<init>"), constructor)
    })?;
    EXIT.find(env, loader, |env, class| env.get_method_id(class, jni_str!("<init>"), jni_sig!("(I)V")))?;
    Ok(())
}

impl From<wasmtime::Error> for Error {
    #[cold]
    fn from(e: wasmtime::Error) -> Self {
        Cause::Other(Box::new(e)).into()
    }
}

impl Error {
    /// Returns wasmtime's error, if it is one.
    pub fn as_wasmtime(&self) -> Option<&wasmtime::Error> {
        match self.cause() {
            Cause::Other(failure) => (&**failure as &dyn Any).downcast_ref(),
            _ => None,
        }
    }

    /// Returns wasmtime's error, or this error if it is none.
    pub fn try_into_wasmtime(self) -> Result<wasmtime::Error> {
        match self.into_cause() {
            Cause::Other(failure) if (&*failure as &dyn Any).is::<wasmtime::Error>() => {
                let failure: Box<dyn Any> = failure;
                Ok(*failure.downcast().expect("looked at above"))
            }
            cause => Err(cause.into()),
        }
    }

    /// Makes the error one that goes through wasm. wasmtime's own does so as it is.
    pub fn into_wasmtime(self) -> wasmtime::Error {
        self.try_into_wasmtime().unwrap_or_else(wasmtime::Error::from)
    }
}

impl Failure for wasmtime::Error {
    fn throw(self: Box<Self>, env: &mut Env<'_>) -> jni::errors::Result<()> {
        let e = *self;
        let e = match e.downcast::<Error>() {
            Ok(own) => return own.throw(env),
            Err(e) => e,
        };
        let backtrace = e.downcast_ref::<WasmBacktrace>();
        let backtrace_text = backtrace.map(ToString::to_string).unwrap_or_default();
        let dump_text = e.downcast_ref::<WasmCoreDump>().map(ToString::to_string);
        // Some links of the chain are told apart, not repeated in the message.
        let apart = |cause: &String| {
            *cause == backtrace_text
                || Some(cause) == dump_text.as_ref()
                || [CoreDump::WHAT, Fault::WHAT].contains(&&**cause)
        };
        let causes: Vec<_> = e.chain().map(ToString::to_string).filter(|cause| !apart(cause)).collect();
        let mut message = causes.join(": ");
        if let Some(I32Exit(status)) = e.downcast_ref() {
            // SAFETY: the constructor takes an int.
            return unsafe { EXIT.throw(env, &[jvalue { i: *status }]) };
        }
        let trap = e.downcast_ref::<Trap>().map(|trap| trap_code(*trap));
        if let Some(code) = trap.or_else(|| e.is::<Fault>().then(|| OTHER.to_owned())) {
            let code = JString::from_str(env, code)?;
            if let Some(Trap::CannotEnterComponent) = e.downcast_ref() {
                message.push_str(NOT_ENTERED);
            }
            let message = JString::from_str(env, message)?;
            let text = backtrace_text.split_once('\n').map_or("", |(_, frames)| frames);
            let text = JString::from_str(env, text)?;
            let frames = match string_array(env, &backtrace.map_or_else(Vec::new, frames)) {
                Ok(frames) => frames,
                Err(e) => return e.throw(env),
            };
            let dump = match e.downcast_ref::<CoreDump>() {
                Some(CoreDump(bytes)) => env.byte_array_from_slice(bytes)?.into(),
                None => JObject::null(),
            };
            let mut arguments = [jvalue { l: dump.as_raw() }; 5];
            for (argument, string) in arguments.iter_mut().zip([&code, &message, &text]) {
                argument.l = string.as_raw();
            }
            arguments[3].l = frames.as_raw();
            // SAFETY: the constructor takes three strings, an array of strings, and an array of bytes or null.
            return unsafe { TRAP.throw(env, &arguments) };
        }
        wasmtime_exception(env, &message)
    }
}

/// The rest of wasmtime's message: what to do.
const NOT_ENTERED: &str = ". Neither a component that trapped, or that a host function's exception went through, nor \
     any other of its Store is entered again: instantiate it in a new Store. A host function cannot enter the \
     component that called it";

/// Marks an error as the fault of wasm, though wasmtime has no [`Trap`] for it. Java sees a trap.
#[derive(Debug)]
struct Fault;

impl Fault {
    const WHAT: &'static str = "a fault of wasm";
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::WHAT)
    }
}

/// Makes an error that came up while wasm ran that of wasm, such as a handle that it does not have. Errors that are
/// told apart anyway stay as they are, and so do those of the system.
#[cold]
pub fn at_fault(e: wasmtime::Error) -> wasmtime::Error {
    let known = e.is::<Trap>() || e.is::<Error>() || e.is::<I32Exit>() || e.is::<ThrownException>();
    let system = || e.chain().any(|cause| cause.is::<std::io::Error>() || cause.is::<rustix::io::Errno>());
    if known || e.is::<wasmtime::error::OutOfMemory>() || system() { e } else { e.context(Fault) }
}

/// A core dump as it goes to Java; wasmtime's own can be written only with its Store at hand.
#[derive(Debug)]
pub struct CoreDump(pub Vec<u8>);

impl CoreDump {
    pub const WHAT: &'static str = "a core dump was made";
}

impl fmt::Display for CoreDump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::WHAT)
    }
}

/// Writes a backtrace for `WasmFrame.read` in Java: for each frame its module, the function's index and name, the
/// offsets in module and function, and how many symbols it has; for each of these its name, file and line. Empty for
/// what is not known.
pub fn frames(backtrace: &WasmBacktrace) -> Vec<String> {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let number = |number: Option<usize>| number.map(|number| number.to_string()).unwrap_or_default();
    let mut flat = Vec::new();
    for frame in backtrace.frames() {
        flat.extend([
            text(frame.module().name()),
            frame.func_index().to_string(),
            text(frame.func_name()),
            number(frame.module_offset()),
            number(frame.func_offset()),
            frame.symbols().len().to_string(),
        ]);
        for symbol in frame.symbols() {
            let line = symbol.line().map(|line| line as usize);
            flat.extend([text(symbol.name()), text(symbol.file()), number(line)]);
        }
    }
    flat
}

/// The name of a cause that `TrapCode` has no other for.
const OTHER: &str = "OTHER";

/// Returns the trap's name as the Java enum `TrapCode` spells it.
fn trap_code(trap: Trap) -> String {
    let mut name = String::new();
    for c in format!("{trap:?}").chars() {
        if c.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(c.to_ascii_uppercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trap_codes_are_spelled_as_in_java() {
        assert_eq!("UNREACHABLE_CODE_REACHED", trap_code(Trap::UnreachableCodeReached));
        assert_eq!("INTERRUPT", trap_code(Trap::Interrupt));
    }

    #[test]
    fn java_knows_every_trap_code() {
        let java = include_str!("../../java/wasmtime/src/main/java/io/github/wasmton/wasmtime/TrapCode.java");
        for trap in (0..=u8::MAX).filter_map(Trap::from_u8) {
            let code = format!("    {},\n", trap_code(trap));
            assert!(java.contains(&code), "{code}");
        }
    }
}
