//! `Module`: compiled code.

use jni::Env;
use jni::objects::{JByteArray, JClass};
use jni::sys::jlong;
use wasmtime::Engine;

use crate::engine::ENGINES;
use crate::error::{Error, Result, panic_message};
use crate::handle::Shared;
use crate::java::natives;

pub static MODULES: Shared<wasmtime::Module> = Shared::new("Module");

/// More than any guest was seen to need. Only what is touched of it takes memory.
const COMPILER_STACK: usize = 16 * 1024 * 1024;

natives! {
    { fn compile(engine: jlong, wasm: jbyte[]) -> jlong }
    { fn destroy(module: jlong) -> void }
}

fn compile<'l>(env: &mut Env<'l>, _: JClass<'l>, engine: jlong, wasm: JByteArray<'l>) -> Result<jlong> {
    let engine = ENGINES.get(engine)?.engine.clone();
    let wasm = env.convert_byte_array(&wasm)?;
    Ok(MODULES.insert(from_bytes(&engine, &wasm)?))
}

/// Compiles the binary or the text format, on a stack of its own: that of a Java thread can be too small for Cranelift.
pub fn from_bytes(engine: &Engine, wasm: &[u8]) -> Result<wasmtime::Module> {
    std::thread::scope(|threads| {
        std::thread::Builder::new()
            .name("wasmtime-compile".to_owned())
            .stack_size(COMPILER_STACK)
            .spawn_scoped(threads, || wasmtime::Module::new(engine, wasm))
            .map_err(|e| Error::Wasm(wasmtime::Error::from(e).context("cannot start a thread to compile on")))?
            .join()
            .map_err(|panic| Error::Panic(panic_message(&*panic)))?
            .map_err(Error::Wasm)
    })
}

fn destroy(_: &mut Env<'_>, _: JClass<'_>, module: jlong) -> Result<()> {
    MODULES.close(module);
    Ok(())
}
