//! `Module`: compiled code.

use std::panic::{AssertUnwindSafe, catch_unwind};

use jni::Env;
use jni::objects::{JByteArray, JClass, JObjectArray, JString};
use jni::sys::jlong;
use wasmtime::{Engine, Precompiled};

use crate::binding::engine::ENGINES;
use crate::binding::mappings::{self, with_room};
use crate::binding::types;
use crate::bridge::error::{Error, Result, panic_message};
use crate::bridge::handle::Shared;
use crate::bridge::java::{natives, string_array};

pub static MODULES: Shared<wasmtime::Module> = Shared::new("Module");

/// More than any guest was seen to need. Only what is touched of it takes memory.
const COMPILER_STACK: usize = 16 * 1024 * 1024;

/// The size of the wasm that is worth another thread of the compiler.
const BYTES_PER_THREAD: usize = 16 * 1024;

/// The first bytes of a core module, and those of a component. The parser of one does not say which class takes the
/// other.
pub const CORE_MODULE: &[u8] = b"\0asm\x01\0\0\0";
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

natives! {
    METHODS:
    { fn compile(engine: jlong, wasm: jbyte[]) -> jlong }
    { fn validate(engine: jlong, wasm: jbyte[]) -> void }
    { fn imports(module: jlong) -> JString[] }
    { fn exports(module: jlong) -> JString[] }
    { fn name(module: jlong) -> JString }
    { fn serialize(module: jlong) -> jbyte[] }
    { fn deserialize(engine: jlong, code: jbyte[]) -> jlong }
    { fn deserialize_file(engine: jlong, path: JString) -> jlong }
    { fn destroy(module: jlong) -> void }
}

fn compile<'l>(env: &mut Env<'l>, _: JClass<'l>, engine: jlong, wasm: JByteArray<'l>) -> Result<jlong> {
    let engine = ENGINES.get(engine)?.engine.clone();
    let wasm = env.convert_byte_array(&wasm)?;
    if wasm.starts_with(COMPONENT) || is_text_of(&wasm, "(component") {
        return Err(wasmtime::format_err!("this is a component; Component.fromBinary takes it").into());
    }
    Ok(MODULES.insert(from_bytes(&engine, &wasm)?))
}

/// Returns whether bytes are in the text format and begin with a word, behind comments of whole lines.
pub fn is_text_of(wasm: &[u8], word: &str) -> bool {
    let Ok(mut text) = std::str::from_utf8(wasm) else { return false };
    loop {
        text = text.trim_start();
        match text.strip_prefix(";;") {
            Some(comment) => text = comment.split_once('\n').map_or("", |(_, rest)| rest),
            None => return text.starts_with(word),
        }
    }
}

/// Compiles the binary or the text format.
pub fn from_bytes(engine: &Engine, wasm: &[u8]) -> Result<wasmtime::Module> {
    with_room(mappings::MODULE, || on_compiler_threads(wasm.len(), || wasmtime::Module::new(engine, wasm)))
}

/// Runs something of the compiler on threads of its own, for wasm of that size: a Java thread's stack can be too small
/// for it. The threads end with the work. The compiler would otherwise start a thread for each processor, which outlive
/// the class loader of this library, and panic where the system has none left.
pub fn on_compiler_threads<T: Send, E: Into<Error> + Send>(
    size: usize,
    body: impl FnOnce() -> std::result::Result<T, E> + Send,
) -> Result<T> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(1 + size / BYTES_PER_THREAD);
    let pool = rayon::ThreadPoolBuilder::new()
        .thread_name(|_| "wasmtime-compile".to_owned())
        .stack_size(COMPILER_STACK)
        .num_threads(threads)
        .build()
        .map_err(|e| Error::no_thread("compiling", &e))?;
    catch_unwind(AssertUnwindSafe(|| pool.install(body)))
        .map_err(|panic| Error::panic(panic_message(&*panic)))?
        .map_err(Into::into)
}

fn validate<'l>(env: &mut Env<'l>, _: JClass<'l>, engine: jlong, wasm: JByteArray<'l>) -> Result<()> {
    let engine = ENGINES.get(engine)?.engine.clone();
    let wasm = env.convert_byte_array(&wasm)?;
    on_compiler_threads(0, || wasmtime::Module::validate(&engine, &wasm))
}

/// Module, name and type of each, one after the other.
fn imports<'l>(env: &mut Env<'l>, _: JClass<'l>, module: jlong) -> Result<JObjectArray<'l, JString<'l>>> {
    let module = MODULES.get(module)?;
    let imports = module.imports().flat_map(|import| {
        [import.module().to_owned(), import.name().to_owned(), types::describe_extern(&import.ty())]
    });
    string_array(env, &imports.collect::<Vec<_>>())
}

/// Name and type of each, one after the other.
fn exports<'l>(env: &mut Env<'l>, _: JClass<'l>, module: jlong) -> Result<JObjectArray<'l, JString<'l>>> {
    let module = MODULES.get(module)?;
    let exports = module.exports().flat_map(|it| [it.name().to_owned(), types::describe_extern(&it.ty())]);
    string_array(env, &exports.collect::<Vec<_>>())
}

/// Empty where there is none.
fn name<'l>(env: &mut Env<'l>, _: JClass<'l>, module: jlong) -> Result<JString<'l>> {
    Ok(JString::from_str(env, MODULES.get(module)?.name().unwrap_or_default())?)
}

fn serialize<'l>(env: &mut Env<'l>, _: JClass<'l>, module: jlong) -> Result<JByteArray<'l>> {
    Ok(env.byte_array_from_slice(&MODULES.get(module)?.serialize()?)?)
}

fn deserialize<'l>(env: &mut Env<'l>, _: JClass<'l>, engine: jlong, code: JByteArray<'l>) -> Result<jlong> {
    let engine = ENGINES.get(engine)?.engine.clone();
    let code = env.convert_byte_array(&code)?;
    check_precompiled(Engine::detect_precompiled(&code))?;
    // SAFETY: the caller in Java was told to give code that a Module of this library has serialized, and nothing else;
    // that it is of this version and these settings wasmtime checks.
    let module = with_room(mappings::MODULE, || Ok(unsafe { wasmtime::Module::deserialize(&engine, &code)? }))?;
    Ok(MODULES.insert(module))
}

fn deserialize_file<'l>(env: &mut Env<'l>, _: JClass<'l>, engine: jlong, path: JString<'l>) -> Result<jlong> {
    let engine = ENGINES.get(engine)?.engine.clone();
    let path = path.try_to_string(env)?;
    check_precompiled(Engine::detect_precompiled_file(&path)?)?;
    // SAFETY: as in `deserialize`; and to leave the file alone while the Module lives, which maps it.
    let module = with_room(mappings::MODULE, || Ok(unsafe { wasmtime::Module::deserialize_file(&engine, &path)? }))?;
    Ok(MODULES.insert(module))
}

/// Checks the first bytes. That keeps accidents away, not attackers.
fn check_precompiled(kind: Option<Precompiled>) -> Result<()> {
    match kind {
        Some(Precompiled::Module) => Ok(()),
        Some(Precompiled::Component) => Err(wasmtime::format_err!("this is a compiled component, not a module").into()),
        None => Err(wasmtime::format_err!(
            "this is not what Module.serialize or Engine.precompileModule made; compile it with Module.fromBinary"
        )
        .into()),
    }
}

fn destroy(_: &mut Env<'_>, _: JClass<'_>, module: jlong) -> Result<()> {
    MODULES.close(module);
    Ok(())
}
