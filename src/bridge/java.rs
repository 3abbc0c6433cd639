//! Declarations of native methods, and the few JNI calls that go past the `jni` crate because tasks and host calls go
//! through them: [`Jvm`] is the one place for raw JNI.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr;

use jni::EnvUnowned;
use jni::objects::{JByteArray, JByteBuffer, JObjectArray, JString, JThrowable};
use jni::refs::{Global, IntoAuto, Reference};
use jni::sys::{self, jlong, jvalue};
use jni::{Env, JavaVM};

use crate::bridge::error::{Cause, Error, Result};
use crate::bridge::exceptions::Throw;

/// Declares the static native methods of one Java class, as a constant of the given name: each is a function of this
/// file that returns [`Result`], with [`Throw`] as its policy. Those marked `raw` begin with [`fast`] instead.
macro_rules! natives {
    ($name:ident: $( { $($method:tt)+ } )+ $( raw { $($raw:tt)+ } )*) => {
        pub const $name: &[jni::NativeMethod<'static>] = {
            use $crate::bridge::exceptions::Throw;
            &[
                $( jni::native_method! { static $($method)+, error_policy = Throw }, )+
                $( jni::native_method! { static raw $($raw)+ }, )*
            ]
        };
    };
}
pub(crate) use natives;

/// Runs the body of a native method that is called per task or per wasm call: safe against panics like
/// [`EnvUnowned::with_env`], and about 60 ns cheaper, because it makes no `Env` unless something went wrong.
#[inline]
pub fn fast<T: Default>(env: &mut EnvUnowned<'_>, body: impl FnOnce(Jvm) -> Result<T>) -> T {
    let jvm = Jvm(env.as_raw());
    match catch_unwind(AssertUnwindSafe(|| body(jvm))) {
        Ok(Ok(value)) => value,
        Ok(Err(e)) => fail(env, || Err(e)),
        Err(panic) => fail(env, || resume_unwind(panic)),
    }
}

#[cold]
fn fail<T: Default>(env: &mut EnvUnowned<'_>, outcome: impl FnOnce() -> Result<T>) -> T {
    env.with_env(|_| outcome()).resolve::<Throw>()
}

/// The JNI environment of the thread that entered wasm, for the time of that call.
#[derive(Clone, Copy)]
pub struct Jvm(*mut sys::JNIEnv);

// SAFETY: it lies in the data of a Store, which moves between threads; every entry into wasm sets it anew before
// anything reads it, and what reads it runs inside that entry, on its thread.
unsafe impl Send for Jvm {}

macro_rules! jni_call {
    ($jvm:expr, $function:ident $(, $argument:expr)*) => {
        ((**$jvm.0).v1_2.$function)($jvm.0 $(, $argument)*)
    };
}

impl Jvm {
    /// Returns a placeholder, for the time before the first entry into wasm.
    pub const fn none() -> Self {
        Jvm(ptr::null_mut())
    }

    pub fn of(env: &Env<'_>) -> Self {
        Jvm(env.get_raw())
    }

    /// Calls a method that returns a long; what it throws comes back as the error.
    ///
    /// # Safety
    /// `method` is a method of the object's class that takes these arguments and returns a long; the object is a live
    /// reference.
    #[inline]
    pub unsafe fn call_long(self, object: sys::jobject, method: sys::jmethodID, arguments: &[jvalue]) -> Result<jlong> {
        // SAFETY: the caller's promise; no exception is pending, since each is taken off below where it comes up.
        let result = unsafe { jni_call!(self, CallLongMethodA, object, method, arguments.as_ptr()) };
        self.check()?;
        Ok(result)
    }

    /// Calls a method that returns nothing; what it throws comes back as the error.
    ///
    /// # Safety
    /// `method` is a method of the object's class that takes these arguments and returns nothing; the object is a live
    /// reference.
    pub unsafe fn call_void(self, object: sys::jobject, method: sys::jmethodID, arguments: &[jvalue]) -> Result<()> {
        // SAFETY: the caller's promise; no exception is pending.
        unsafe { jni_call!(self, CallVoidMethodA, object, method, arguments.as_ptr()) };
        self.check()
    }

    /// Calls a method that returns an array of bytes, which may be null; what it throws comes back as the error.
    ///
    /// # Safety
    /// `method` is a method of the object's class that takes these arguments and returns such an array; the object is a
    /// live reference, and this is the environment of this thread.
    pub unsafe fn call_bytes(
        self,
        object: sys::jobject,
        method: sys::jmethodID,
        arguments: &[jvalue],
    ) -> Result<Option<LocalBytes>> {
        // SAFETY: the caller's promise; no exception is pending.
        let array = unsafe { jni_call!(self, CallObjectMethodA, object, method, arguments.as_ptr()) };
        self.check()?;
        Ok(if array.is_null() { None } else { Some(LocalBytes { jvm: self, array }) })
    }

    /// Makes a Java array of bytes.
    ///
    /// # Safety
    /// This is the environment of this thread.
    pub unsafe fn new_bytes(self, bytes: &[u8]) -> Result<LocalBytes> {
        let length = i32::try_from(bytes.len()).map_err(|_| Error::argument("an array of more than 2 GiB"))?;
        // SAFETY: the caller's promise; no exception is pending.
        let array = unsafe { jni_call!(self, NewByteArray, length) };
        if array.is_null() {
            self.check()?;
            return Err(Error::limit("Java has no memory for an array".to_owned()));
        }
        let array = LocalBytes { jvm: self, array };
        // SAFETY: as above; the array was made with that length.
        unsafe { jni_call!(self, SetByteArrayRegion, array.array, 0, length, signed(bytes).as_ptr()) };
        Ok(array)
    }

    /// Takes a pending exception off, if there is one.
    #[inline]
    fn check(self) -> Result<()> {
        // SAFETY: this thread's environment, as the callers were promised; the call is allowed with an exception
        // pending.
        let thrown = unsafe { jni_call!(self, ExceptionOccurred) };
        if thrown.is_null() { Ok(()) } else { Err(self.take_exception(thrown)) }
    }

    /// Returns the byte array at that place of an array of arrays, with its length.
    pub fn array_at(self, arrays: sys::jobjectArray, index: i32) -> Result<(JavaBytes, usize)> {
        if arrays.is_null() {
            return Err(Error::argument("there are no arrays"));
        }
        // SAFETY: the array is one of a running native method on this thread, and its declared type is `byte[][]`. JNI
        // checks the index and throws.
        unsafe {
            let array = jni_call!(self, GetObjectArrayElement, arrays, index);
            let thrown = jni_call!(self, ExceptionOccurred);
            if !thrown.is_null() {
                return Err(self.take_exception(thrown));
            }
            if array.is_null() {
                return Err(Error::argument("there is no such array"));
            }
            let length = jni_call!(self, GetArrayLength, array) as usize;
            Ok((JavaBytes { jvm: self, array, length }, length))
        }
    }

    /// Puts a new byte array at that place of an array of arrays. Returns false if there is no such place.
    pub fn put_array(self, arrays: sys::jobjectArray, index: u32, bytes: &[u8]) -> Result<bool> {
        let (Ok(index), Ok(length)) = (i32::try_from(index), i32::try_from(bytes.len())) else { return Ok(false) };
        // SAFETY: the array is one of a running native method on this thread, and its declared type is `byte[][]`;
        // place and length are checked, and the length is that of the bytes.
        unsafe {
            if arrays.is_null() || index >= jni_call!(self, GetArrayLength, arrays) {
                return Ok(false);
            }
            let array = jni_call!(self, NewByteArray, length);
            if array.is_null() {
                return Err(self.take_exception(jni_call!(self, ExceptionOccurred)));
            }
            jni_call!(self, SetByteArrayRegion, array, 0, length, bytes.as_ptr().cast());
            jni_call!(self, SetObjectArrayElement, arrays, index, array);
            jni_call!(self, DeleteLocalRef, array);
        }
        Ok(true)
    }

    /// Copies the start of a Java array to one of the two, the first if it is long enough. Returns the copy, and the
    /// length of the array.
    ///
    /// # Safety
    /// `array` is a live reference to a byte array on this thread, or null.
    pub unsafe fn read_array<'a>(
        self,
        array: sys::jbyteArray,
        length: usize,
        small: &'a mut [u8],
        large: &'a mut Vec<u8>,
    ) -> Result<(&'a [u8], usize)> {
        if array.is_null() {
            return Err(jni::errors::Error::NullPtr("the array").into());
        }
        // Asked once, and not again when the result is written: it takes as long as to copy a few bytes.
        // SAFETY: the caller's promise.
        let capacity = unsafe { jni_call!(self, GetArrayLength, array) } as usize;
        if length > capacity {
            return Err(Error::argument(format!("the array has no {length} bytes")));
        }
        let target: &mut [u8] = match small.get_mut(..length) {
            Some(target) => target,
            None => {
                large.resize(length, 0);
                large.as_mut_slice()
            }
        };
        // SAFETY: the caller's promise; the array has these bytes, and so has the target.
        unsafe { jni_call!(self, GetByteArrayRegion, array, 0, length as i32, target.as_mut_ptr().cast()) };
        Ok((&*target, capacity))
    }

    /// Copies bytes to the start of a Java array of that length. Returns false if it is too short.
    ///
    /// # Safety
    /// `array` is a live reference to a byte array on this thread, whose length is `capacity`.
    pub unsafe fn write_array(self, array: sys::jbyteArray, capacity: usize, bytes: &[u8]) -> bool {
        let fits = bytes.len() <= capacity;
        if fits {
            // SAFETY: the caller's promise; the length is checked, and fits an i32 as that of an array does.
            unsafe { jni_call!(self, SetByteArrayRegion, array, 0, bytes.len() as i32, bytes.as_ptr().cast()) };
        }
        fits
    }

    /// Takes a pending exception off, to be thrown again where wasm was entered.
    #[cold]
    fn take_exception(self, thrown: sys::jthrowable) -> Error {
        // SAFETY: this thread's environment; the call is made for a pending exception.
        unsafe { jni_call!(self, ExceptionClear) };
        // The frame that `attach_current_thread` makes frees the references of a guest that provokes exceptions
        // without end; `thrown` itself is of the frame below and is moved into this one to be freed with it.
        let exception = JavaVM::singleton().and_then(|vm| {
            vm.attach_current_thread(|env| {
                // SAFETY: the local reference that ExceptionOccurred gave to the caller, who does not use it again.
                let thrown = unsafe { JThrowable::from_raw(env, thrown) }.auto();
                env.new_global_ref(&thrown)
            })
        });
        exception.map_or_else(Cause::LostException, Cause::Exception).into()
    }
}

/// Calls into Java from a host function. An exception that Java throws, and any other error, is for the call that
/// entered wasm to report.
pub fn host_call<R>(body: impl FnOnce(&mut Env<'_>) -> Result<R>) -> Result<R> {
    // Makes a frame for the local references, freed when the body is through.
    JavaVM::singleton()?.attach_current_thread(|env| {
        body(env).map_err(|e| match (e.into_cause(), env.exception_occurred()) {
            (Cause::Jni(jni::errors::Error::JavaException), Some(thrown)) => {
                env.exception_clear();
                env.new_global_ref(&thrown).map_or_else(Error::from, |it| Cause::Exception(it).into())
            }
            (cause, _) => cause.into(),
        })
    })
}

/// The byte array that a native method was given, for host functions that run inside of it.
pub struct JavaBytes {
    jvm: Jvm,
    array: sys::jbyteArray,
    length: usize,
}

// SAFETY: as for `Jvm`.
unsafe impl Send for JavaBytes {}

impl JavaBytes {
    /// Returns a placeholder: no array, of length 0.
    pub const fn none() -> Self {
        JavaBytes { jvm: Jvm::none(), array: ptr::null_mut(), length: 0 }
    }

    /// `length` is the array's: Java knows it for nothing, and to ask for it here costs as much as a
    /// crossing. Where it is not, JNI refuses to copy and throws. Null is an array of length 0.
    ///
    /// # Safety
    /// The value is used only on this thread and before the native method whose argument it is returns.
    #[inline]
    pub unsafe fn new(jvm: Jvm, array: &JByteArray<'_>, length: i32) -> Self {
        let length = if array.is_null() { 0 } else { usize::try_from(length).unwrap_or(0) };
        JavaBytes { jvm, array: array.as_raw(), length }
    }

    #[inline]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Copies the whole array to the start of `target`, which must be as long at least.
    #[inline]
    pub fn copy_to(&self, target: &mut [u8]) {
        let target = &mut target[..self.length];
        if !target.is_empty() {
            // SAFETY: `new`'s caller promised that array and environment are live, and its length fits an i32.
            unsafe {
                jni_call!(self.jvm, GetByteArrayRegion, self.array, 0, self.length as i32, target.as_mut_ptr().cast());
            }
        }
    }
}

/// A Java array of bytes, by a local reference that is freed with this. It stays on the thread that made it.
pub struct LocalBytes {
    jvm: Jvm,
    array: sys::jbyteArray,
}

impl LocalBytes {
    /// Returns the array as an argument of a call.
    pub fn argument(&self) -> jvalue {
        jvalue { l: self.array }
    }

    pub fn len(&self) -> usize {
        // SAFETY: whoever made this promised that the environment is this thread's; the reference is live.
        let length = unsafe { jni_call!(self.jvm, GetArrayLength, self.array) };
        usize::try_from(length).unwrap_or(0)
    }

    /// Copies as many bytes of the array's start as `target` has. It must not have more than the array.
    pub fn copy_to(&self, target: &mut [u8]) {
        assert!(target.len() <= self.len(), "the array is shorter");
        // SAFETY: as for `len`; the length was looked at, and fits an i32 as the array's does.
        unsafe {
            jni_call!(self.jvm, GetByteArrayRegion, self.array, 0, target.len() as i32, target.as_mut_ptr().cast());
        }
    }
}

impl Drop for LocalBytes {
    fn drop(&mut self) {
        // SAFETY: the reference is live and this thread's; the call is allowed with an exception pending.
        unsafe { jni_call!(self.jvm, DeleteLocalRef, self.array) };
    }
}

/// A direct ByteBuffer, which Java fills before it calls a native method that reads it. It stays alive with this.
pub struct DirectBytes {
    start: *const u8,
    capacity: usize,
    _buffer: Global<JByteBuffer<'static>>,
}

// SAFETY: the bytes are reached by raw pointers alone, under the promise of whoever reads them.
unsafe impl Send for DirectBytes {}

impl DirectBytes {
    pub fn new(env: &mut Env<'_>, buffer: &JByteBuffer<'_>) -> Result<Self> {
        let start = env.get_direct_buffer_address(buffer)?;
        let capacity = env.get_direct_buffer_capacity(buffer)?;
        Ok(DirectBytes { start, capacity, _buffer: env.new_global_ref(buffer)? })
    }

    /// Returns where the bytes begin. Java may write to them whenever its own rules let it.
    pub fn start(&self) -> *const u8 {
        self.start
    }

    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Returns the bytes as memory for both directions.
    pub fn shared(&self) -> SharedBytes {
        SharedBytes { start: self.start.cast_mut(), length: self.capacity }
    }
}

/// Memory of a [`DirectBytes`] by which Rust and Java exchange bytes during a native method. It stays on the thread of
/// that method, and is gone with it.
#[derive(Clone, Copy)]
pub struct SharedBytes {
    start: *mut u8,
    length: usize,
}

// SAFETY: it lies in the data of a Store, which moves between threads; every entry into wasm sets it anew, and what
// uses it runs inside that entry, on its thread.
unsafe impl Send for SharedBytes {}

impl SharedBytes {
    /// Returns a placeholder, into which nothing fits.
    pub const NONE: SharedBytes = SharedBytes { start: ptr::null_mut(), length: 0 };

    pub fn len(&self) -> usize {
        self.length
    }

    /// Returns the first bytes.
    pub fn first(self, length: usize) -> Self {
        assert!(length <= self.length, "the shared memory is shorter");
        SharedBytes { start: self.start, length }
    }

    /// Copies these parts to the start, one after the other. Returns false, and copies none, if they do not fit.
    ///
    /// # Safety
    /// The native method that got the memory still runs, on this thread.
    #[inline]
    pub unsafe fn put(self, parts: &[&[u8]]) -> bool {
        // Two parts of a guest's memory at the most, so the sum is right.
        if self.start.is_null() || parts.iter().map(|part| part.len()).sum::<usize>() > self.length {
            return false;
        }
        let mut at = self.start;
        for part in parts {
            // SAFETY: the caller's promise that the memory is there; the length is checked; Java's buffer is no memory
            // of a guest's.
            unsafe {
                ptr::copy_nonoverlapping(part.as_ptr(), at, part.len());
                at = at.add(part.len());
            }
        }
        true
    }

    /// Copies as many bytes of the start as `target` has, which must not be more than there are.
    ///
    /// # Safety
    /// As for [`put`](Self::put).
    #[inline]
    pub unsafe fn copy_to(self, target: &mut [u8]) {
        assert!(target.len() <= self.length, "the shared memory is shorter");
        // SAFETY: the caller's promise that the memory is there; the length is checked; Java's buffer is no memory of a
        // guest's.
        unsafe { ptr::copy_nonoverlapping(self.start, target.as_mut_ptr(), target.len()) };
    }
}

/// Bytes as JNI's region functions want them.
pub fn signed(bytes: &[u8]) -> &[i8] {
    // SAFETY: u8 and i8 have one layout, and every bit pattern is a value of both.
    unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast(), bytes.len()) }
}

/// See [`signed`].
pub fn signed_mut(bytes: &mut [u8]) -> &mut [i8] {
    // SAFETY: as for `signed`; the borrow is passed on.
    unsafe { std::slice::from_raw_parts_mut(bytes.as_mut_ptr().cast(), bytes.len()) }
}

/// Reads an array of strings.
pub fn strings(env: &mut Env<'_>, array: &JObjectArray<'_, JString<'_>>) -> Result<Vec<String>> {
    let length = array.len(env)?;
    (0..length).map(|i| Ok(array.get_element(env, i)?.auto().try_to_string(env)?)).collect()
}

/// Makes an array of strings.
pub fn string_array<'l>(env: &mut Env<'l>, strings: &[String]) -> Result<JObjectArray<'l, JString<'l>>> {
    let array = env.new_object_type_array::<JString<'_>>(strings.len(), JString::default())?;
    for (i, string) in strings.iter().enumerate() {
        let string = JString::from_str(env, string)?.auto();
        array.set_element(env, i, &*string)?;
    }
    Ok(array)
}
