//! The way of an [`Error`] to its exception in Java: the classes, their constructors' arguments, and the policy of
//! every native method.

use std::any::Any;
use std::sync::OnceLock;

use jni::errors::ErrorPolicy;
use jni::ids::JMethodID;
use jni::objects::{JClass, JString, JThrowable};
use jni::refs::{Global, LoaderContext, Reference};
use jni::strings::{JNIStr, JNIString};
use jni::sys::jvalue;
use jni::{Env, jni_sig, jni_str};

use crate::bridge::class::JavaClass;
use crate::bridge::error::{Cause, Error, Result, panic_message};

/// An exception of our own, with the constructor that is used.
pub type ExceptionClass = JavaClass<JMethodID>;

static WASMTIME: ExceptionClass = JavaClass::new(jni_str!("io.github.wasmton.wasmtime.WasmtimeException"));
static LIMIT: ExceptionClass = JavaClass::new(jni_str!("io.github.wasmton.wasmtime.ResourceLimitException"));

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

/// Looks the exceptions up. Until then errors can only be thrown as some of the JVM's own.
pub fn find(env: &mut Env<'_>, loader: &LoaderContext<'_, '_>) -> Result<()> {
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
    for exception in [&WASMTIME, &LIMIT] {
        exception.find(env, loader, |env, class| {
            env.get_method_id(class, jni_str!("<init>"), jni_sig!("(Ljava/lang/String;)V"))
        })?;
    }
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

impl ExceptionClass {
    /// Leaves an exception of this class pending.
    ///
    /// # Safety
    /// The arguments are what the constructor takes.
    pub unsafe fn throw(&self, env: &mut Env<'_>, arguments: &[jvalue]) -> jni::errors::Result<()> {
        let class = self.local(env)?;
        // SAFETY: the constructor was looked up in this class; for the arguments the caller answers.
        let exception = unsafe { env.new_object_unchecked(&class, *self.members(), arguments)? };
        let exception = env.cast_local::<JThrowable>(exception)?;
        env.throw(exception)
    }
}

impl Error {
    /// Leaves a Java exception pending. `Err(JavaException)` from within is what success looks like.
    pub fn throw(self, env: &mut Env<'_>) -> jni::errors::Result<()> {
        let cause = self.into_cause();
        let class = match cause {
            Cause::Exception(exception) => return env.throw(&exception),
            Cause::Other(failure) => return failure.throw(env),
            Cause::Jni(e) => return throw_jni(env, e),
            Cause::Limit(message) => return throw_message(env, &LIMIT, &message),
            Cause::Panic(_) | Cause::LostException(_) => return wasmtime_exception(env, &cause.to_string()),
            Cause::Closed(_) | Cause::Busy(_) | Cause::State(_) => Known::IllegalState,
            Cause::Argument(_) => Known::IllegalArgument,
            Cause::OutOfBounds(_) => Known::IndexOutOfBounds,
            Cause::Stack { .. } => Known::StackOverflow,
        };
        throw_new(env, class, &cause.to_string())
    }
}

fn throw_jni(env: &mut Env<'_>, e: jni::errors::Error) -> jni::errors::Result<()> {
    match e {
        jni::errors::Error::JavaException => Err(e),
        jni::errors::Error::CaughtJavaException { exception, .. } => env.throw(&exception),
        jni::errors::Error::NullPtr(_) => throw_new(env, Known::NullPointer, &e.to_string()),
        e => wasmtime_exception(env, &e.to_string()),
    }
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

/// Throws a `WasmtimeException`.
pub fn wasmtime_exception(env: &mut Env<'_>, message: &str) -> jni::errors::Result<()> {
    throw_message(env, &WASMTIME, message)
}

/// Throws an exception whose constructor takes the message alone.
fn throw_message(env: &mut Env<'_>, exception: &ExceptionClass, message: &str) -> jni::errors::Result<()> {
    if !exception.is_found() {
        // While the library is being loaded, from a class loader that cannot load its classes.
        return throw_new(env, Known::IllegalState, message);
    }
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
