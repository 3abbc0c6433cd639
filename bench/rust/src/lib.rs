//! The limits: the cost of the same work with as little as possible between Java, wasmtime and the guest. These are the
//! native methods of `io.github.wasmton.bench.Limit`, used only by the benchmarks.
//!
//! Loops are here, not in Java, so that one crossing serves for all rounds. Nothing is safe against misuse, on purpose:
//! neither handles nor the stack are checked. The product's cost beyond the limit is the price of its promises.

mod calls;
mod components;
mod guest;

use jni::errors::ThrowRuntimeExAndDefault;
use jni::objects::JClass;
use jni::sys::jlong;
use jni::{Env, EnvUnowned, jni_mangle};
use wasmtime::Config;

/// One crossing from Java and back.
#[jni_mangle("io.github.wasmton.bench.Limit")]
pub fn empty<'l>(_: EnvUnowned<'l>, _: JClass<'l>) {}

/// Runs a native method's body; errors and panics become exceptions.
fn native<'l, T: Default>(env: &mut EnvUnowned<'l>, body: impl FnOnce(&mut Env<'l>) -> jni::errors::Result<T>) -> T {
    env.with_env(body).resolve::<ThrowRuntimeExAndDefault>()
}

/// Returns the product's settings that matter here: see `src/binding/config.rs`.
fn config() -> Config {
    let mut config = Config::new();
    config.max_wasm_stack(256 * 1024);
    config.memory_may_move(false);
    config.concurrency_support(false);
    config
}

/// Leaks a value to Java: a benchmark's JVM ends soon.
fn leak<T>(value: T) -> jlong {
    Box::into_raw(Box::new(value)) as jlong
}

/// # Safety
/// The handle comes from [`leak`] of a `T`, and nobody else uses the value at the same time.
unsafe fn leaked<'a, T>(handle: jlong) -> &'a mut T {
    // SAFETY: the caller's promise; it is never freed.
    unsafe { &mut *(handle as *mut T) }
}
