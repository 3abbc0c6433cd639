//! The limits: what the same work costs with as little as possible between Java, wasmtime and the guest. These are the
//! native methods of `io.github.wasmton.bench.Limit`, used by the benchmarks alone.
//!
//! Each loops here, not in Java, so that one crossing serves for all. Nothing is safe against misuse, on purpose: no
//! handle is checked, no stack is looked at. What the product takes beyond the limit is the price of its promises.

mod calls;
mod guest;

use jni::errors::ThrowRuntimeExAndDefault;
use jni::objects::JClass;
use jni::sys::jlong;
use jni::{Env, EnvUnowned, jni_mangle};
use wasmtime::Config;

/// One crossing from Java and back.
#[jni_mangle("io.github.wasmton.bench.Limit")]
pub fn empty<'l>(_: EnvUnowned<'l>, _: JClass<'l>) {}

/// Runs a native method's body; what goes wrong becomes an exception.
fn native<'l, T: Default>(env: &mut EnvUnowned<'l>, body: impl FnOnce(&mut Env<'l>) -> jni::errors::Result<T>) -> T {
    env.with_env(body).resolve::<ThrowRuntimeExAndDefault>()
}

/// What the product's engines have set that counts here: see `src/config.rs`.
fn config() -> Config {
    let mut config = Config::new();
    config.max_wasm_stack(256 * 1024);
    config.memory_may_move(false);
    config
}

/// Gives a value to Java for good: a benchmark's JVM ends soon.
fn leak<T>(value: T) -> jlong {
    Box::into_raw(Box::new(value)) as jlong
}

/// # Safety
/// The handle is what [`leak`] made of a `T`, and nobody else uses that meanwhile.
unsafe fn leaked<'a, T>(handle: jlong) -> &'a mut T {
    // SAFETY: the caller's promise; it is never freed.
    unsafe { &mut *(handle as *mut T) }
}
