//! How an [`Error`] becomes an exception in Java: the classes, what their constructors are given, and the policy of every
//! native method.

use std::any::Any;
use std::sync::OnceLock;

use jni::errors::ErrorPolicy;
use jni::ids::JMethodID;
use jni::objects::{JClass, JObject, JString, JThrowable};
use jni::refs::{Global, LoaderContext, Reference, Weak};
use jni::signature::MethodSignature;
use jni::strings::{JNIStr, JNIString};
use jni::sys::jvalue;
use jni::{Env, jni_sig, jni_str};
use wasmtime::{Trap, WasmBacktrace, WasmCoreDump};
use wasmtime_wasi::I32Exit;

use crate::bridge::error::{Cause, CoreDump, Error, HostException, Result, panic_message};
use crate::bridge::java::string_array;

/// The exceptions of our own. Their classes are held weakly, as is everything of Java that lies in a static: a strong
/// reference would keep their class loader, and with it this library, for ever.
struct Exceptions {
    wasmtime: ExceptionClass,
    trap: ExceptionClass,
    exit: ExceptionClass,
    limit: ExceptionClass,
}

struct ExceptionClass {
    class: Weak<JClass<'static>>,
    constructor: JMethodID,
}

static EXCEPTIONS: OnceLock<Exceptions> = OnceLock::new();

/// The JVM's own exceptions that are thrown here. Its classes stay for ever anyway.
#[derive(Clone, Copy)]
enum Known {
    IllegalState,
    IllegalArgument,
    IndexOutOfBounds,
    NullPointer,
    StackOverflow,
}

/// Their classes, in that order.
static KNOWN: OnceLock<[Global<JClass<'static>>; 5]> = OnceLock::new();

/// Looks the exceptions up, once, when the library is loaded. Later there may be too little stack or heap for it: a
/// look-up calls Java.
pub fn find_exceptions(env: &mut Env<'_>, loader: &LoaderContext<'_, '_>) -> Result<()> {
    find_caught(env)?;
    let mut known = |name: &JNIStr| -> Result<_> {
        let class = env.find_class(name)?;
        Ok(env.new_global_ref(&class)?)
    };
    let classes = [
        known(jni_str!("java/lang/IllegalStateException"))?,
        known(jni_str!("java/lang/IllegalArgumentException"))?,
        known(jni_str!("java/lang/IndexOutOfBoundsException"))?,
        known(jni_str!("java/lang/NullPointerException"))?,
        known(jni_str!("java/lang/StackOverflowError"))?,
    ];
    KNOWN.get_or_init(|| classes);
    let mut find = |name: &JNIStr, constructor: MethodSignature<'_, '_>| -> Result<_> {
        let class = loader.load_class(env, name, false)?;
        let constructor = env.get_method_id(&class, jni_str!("<init>"), constructor)?;
        Ok(ExceptionClass { class: env.new_weak_ref(&class)?, constructor })
    };
    let exceptions = Exceptions {
        wasmtime: find(jni_str!("io.github.wasmton.wasmtime.WasmtimeException"), jni_sig!("(Ljava/lang/String;)V"))?,
        trap: find(
            jni_str!("io.github.wasmton.wasmtime.TrapException"),
            jni_sig!("(Ljava/lang/String;Ljava/lang/String;Ljava/lang/String;[Ljava/lang/String;[B)V"),
        )?,
        exit: find(jni_str!("io.github.wasmton.wasmtime.ExitException"), jni_sig!("(I)V"))?,
        limit: find(jni_str!("io.github.wasmton.wasmtime.ResourceLimitException"), jni_sig!("(Ljava/lang/String;)V"))?,
    };
    EXCEPTIONS.get_or_init(|| exceptions);
    Ok(())
}

/// Looks up what the `jni` crate compares a caught exception with. It does so when there is one, and when that look-up
/// ends in an exception too (a stack overflow, most likely) it looks up again, without end.
fn find_caught(env: &mut Env<'_>) -> Result<()> {
    use jni::exceptions::*;
    use jni::objects::*;
    macro_rules! find {
        ($($class:ident)*) => { $( drop($class::lookup_class(env, &LoaderContext::None)?); )* };
    }
    find!(JObject JString JClass JClassLoader JThread JThrowable JStackTraceElement);
    find!(JArrayIndexOutOfBoundsException JArrayStoreException JClassCircularityError JClassFormatError);
    find!(JClassNotFoundException JExceptionInInitializerError JIllegalArgumentException JIllegalMonitorStateException);
    find!(JInstantiationException JLinkageError JNoClassDefFoundError JNoSuchFieldError JNoSuchMethodError);
    find!(JNumberFormatException JOutOfMemoryError JSecurityException JStringIndexOutOfBoundsException);
    Ok(())
}

impl Exceptions {
    fn get() -> &'static Self {
        EXCEPTIONS.get().expect("found when the library was loaded")
    }
}

impl ExceptionClass {
    /// # Safety
    /// The arguments are what the constructor takes.
    unsafe fn throw(&self, env: &mut Env<'_>, arguments: &[jvalue]) -> jni::errors::Result<()> {
        let class = self.class.upgrade_local(env)?.expect("the class that is calling us has the same loader");
        // SAFETY: the constructor was looked up in this class; for the arguments the caller answers.
        let exception = unsafe { env.new_object_unchecked(&class, self.constructor, arguments)? };
        let exception = env.cast_local::<JThrowable>(exception)?;
        env.throw(exception)
    }
}

impl Error {
    /// Leaves a Java exception pending. `Err(JavaException)` from within is what success looks like.
    fn throw(self, env: &mut Env<'_>) -> jni::errors::Result<()> {
        let cause = self.into_cause();
        let class = match cause {
            Cause::Wasm(e) => return throw_wasm(env, e),
            Cause::Jni(e) => return throw_jni(env, e),
            Cause::Limit(message) => return throw_message(env, &Exceptions::get().limit, &message),
            Cause::Panic(_) => return wasmtime_exception(env, &cause.to_string()),
            Cause::Closed(_) | Cause::Busy(_) | Cause::State(_) => Known::IllegalState,
            Cause::Argument(_) => Known::IllegalArgument,
            Cause::OutOfBounds(_) => Known::IndexOutOfBounds,
            Cause::Stack { .. } => Known::StackOverflow,
        };
        throw_new(env, class, &cause.to_string())
    }
}

fn throw_wasm(env: &mut Env<'_>, e: wasmtime::Error) -> jni::errors::Result<()> {
    let e = match e.downcast::<Error>() {
        Ok(own) => return own.throw(env),
        Err(e) => e,
    };
    if let Some(HostException(exception)) = e.downcast_ref() {
        return env.throw(exception);
    }
    let backtrace = e.downcast_ref::<WasmBacktrace>();
    let backtrace_text = backtrace.map(ToString::to_string).unwrap_or_default();
    let dump_text = e.downcast_ref::<WasmCoreDump>().map(ToString::to_string);
    // Some links of the chain are told apart, not repeated in the message.
    let apart =
        |cause: &String| *cause == backtrace_text || Some(cause) == dump_text.as_ref() || cause == CoreDump::WHAT;
    let causes: Vec<_> = e.chain().map(ToString::to_string).filter(|cause| !apart(cause)).collect();
    if let Some(I32Exit(status)) = e.downcast_ref() {
        // SAFETY: the constructor takes an int.
        return unsafe { Exceptions::get().exit.throw(env, &[jvalue { i: *status }]) };
    }
    if let Some(trap) = e.downcast_ref::<Trap>() {
        let code = JString::from_str(env, trap_code(*trap))?;
        let message = JString::from_str(env, causes.join(": "))?;
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
        return unsafe { Exceptions::get().trap.throw(env, &arguments) };
    }
    wasmtime_exception(env, &causes.join(": "))
}

/// What `WasmFrame.read` in Java reads: for each frame its module, the function's index and name, the offsets in module
/// and function, and how many symbols it has; for each of these its name, file and line. Empty for what is not known.
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

fn throw_jni(env: &mut Env<'_>, e: jni::errors::Error) -> jni::errors::Result<()> {
    match e {
        jni::errors::Error::JavaException => Err(e),
        jni::errors::Error::CaughtJavaException { exception, .. } => env.throw(&exception),
        jni::errors::Error::NullPtr(_) => throw_new(env, Known::NullPointer, &e.to_string()),
        e => wasmtime_exception(env, &e.to_string()),
    }
}

/// The trap's name as the Java enum `TrapCode` spells it.
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

/// Throws; where there is no room to make that exception, what the JVM throws instead is pending.
fn throw_new(env: &mut Env<'_>, exception: Known, message: &str) -> jni::errors::Result<()> {
    let message = JNIString::new(message);
    match KNOWN.get() {
        Some(classes) => env.throw_new(&classes[exception as usize], message),
        // Only while the library is being loaded.
        None => env.throw_new(jni_str!("java/lang/IllegalStateException"), message),
    }
}

fn wasmtime_exception(env: &mut Env<'_>, message: &str) -> jni::errors::Result<()> {
    throw_message(env, &Exceptions::get().wasmtime, message)
}

/// For an exception whose constructor takes the message alone.
fn throw_message(env: &mut Env<'_>, exception: &ExceptionClass, message: &str) -> jni::errors::Result<()> {
    let message = JString::from_str(env, message)?;
    // SAFETY: it takes a string.
    unsafe { exception.throw(env, &[jvalue { l: message.as_raw() }]) }
}

/// The policy of every native method: throw, and return the type's default, which Java never gets to see.
pub enum Throw {}

impl<T: Default> ErrorPolicy<T, Error> for Throw {
    type Captures<'local: 'call, 'call> = ();

    fn on_error<'local: 'call, 'call>(env: &mut Env<'local>, _: &mut (), e: Error) -> jni::errors::Result<T> {
        match e.throw(env) {
            Ok(()) | Err(jni::errors::Error::JavaException) => Ok(T::default()),
            Err(e) => {
                // The exception of choice could not be made; a plain one says why.
                let message = format!("an error could not be turned into its exception: {e}");
                match throw_new(env, Known::IllegalState, &message) {
                    Ok(()) | Err(jni::errors::Error::JavaException) => Ok(T::default()),
                    Err(e) => Err(e),
                }
            }
        }
    }

    fn on_panic<'local: 'call, 'call>(
        env: &mut Env<'local>,
        captures: &mut (),
        payload: Box<dyn Any + Send>,
    ) -> jni::errors::Result<T> {
        Self::on_error(env, captures, Error::panic(panic_message(&*payload)))
    }
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
