//! wasmtime for Java, and Wasmton's host of task processors: the Rust side of the boundary, in three rooms. Each uses
//! the ones below it and none above, which a test in `seam.rs` makes sure of.
//!
//! | room | what it is | artefact |
//! | --- | --- | --- |
//! | [`guest`] | the host of guests: core modules and components, their limits, network, log and output | `wasmton` |
//! | [`binding`] | wasmtime for Java, one file a Java class | `wasmtime-java` |
//! | [`bridge`] | raw JNI, handles, errors, stack: everything that is not about wasmtime | both |
//!
//! Java classes call `NativeLibrary.register` when they are initialised; it binds each method of the class to its
//! function here, so a jar and a library that do not belong together fail there and name the method.

mod binding;
mod bridge;
mod guest;
#[cfg(test)]
mod seam;

use std::sync::atomic::{AtomicBool, Ordering};

use jni::objects::JClass;
use jni::refs::LoaderContext;
use jni::{EnvUnowned, NativeMethod, jni_mangle};

use crate::bridge::error::{Error, Result};
use crate::bridge::exceptions::Throw;

/// Every Java class with native methods.
const CLASSES: &[(&str, &[NativeMethod<'static>])] = &[
    ("io.github.wasmton.wasmtime.Engine", binding::engine::METHODS),
    ("io.github.wasmton.wasmtime.Module", binding::module::METHODS),
    ("io.github.wasmton.wasmtime.Linker", binding::linker::METHODS),
    ("io.github.wasmton.wasmtime.Store", binding::store::METHODS),
    ("io.github.wasmton.wasmtime.Instance", binding::instance::METHODS),
    ("io.github.wasmton.wasmtime.Extern", binding::externs::METHODS),
    ("io.github.wasmton.wasmtime.InstancePre", binding::instance_pre::METHODS),
    ("io.github.wasmton.wasmtime.Func", binding::func::METHODS),
    ("io.github.wasmton.wasmtime.HostFunc", binding::host_func::METHODS),
    ("io.github.wasmton.wasmtime.Caller", binding::caller::METHODS),
    ("io.github.wasmton.wasmtime.Global", binding::global::METHODS),
    ("io.github.wasmton.wasmtime.Table", binding::table::METHODS),
    ("io.github.wasmton.wasmtime.Memory", binding::memory::METHODS),
    ("io.github.wasmton.wasmtime.SharedMemory", binding::shared_memory::METHODS),
    ("io.github.wasmton.wasmtime.Tag", binding::tag::METHODS),
    ("io.github.wasmton.wasmtime.NativeType", binding::native_type::METHODS),
    ("io.github.wasmton.wasmtime.GcRef", binding::gc_ref::METHODS),
    ("io.github.wasmton.wasmtime.StructRef", binding::struct_ref::METHODS),
    ("io.github.wasmton.wasmtime.ArrayRef", binding::array_ref::METHODS),
    ("io.github.wasmton.wasmtime.wasi.Wasi", binding::wasi::METHODS),
    ("io.github.wasmton.wasmtime.component.Component", binding::component::METHODS),
    ("io.github.wasmton.wasmtime.component.ComponentLinker", binding::component::linker::METHODS),
    ("io.github.wasmton.wasmtime.component.ComponentInstancePre", binding::component::instance_pre::METHODS),
    ("io.github.wasmton.wasmtime.component.ComponentInstance", binding::component::instance::METHODS),
    ("io.github.wasmton.wasmtime.component.ComponentFunc", binding::component::func::METHODS),
    #[cfg(feature = "component-async")]
    ("io.github.wasmton.wasmtime.component.AsyncCalls", binding::component::events::METHODS),
    ("io.github.wasmton.wasmtime.component.ComponentResource", binding::component::resource::METHODS),
    ("io.github.wasmton.wasmtime.internal.Wit", binding::wit::METHODS),
    ("io.github.wasmton.guest.GuestModule", guest::module::METHODS),
    ("io.github.wasmton.guest.Guest", guest::guest::METHODS),
    ("io.github.wasmton.guest.GuestPool", guest::pool::METHODS),
];

/// True once [`initialize`] was called.
static INITIALIZED: AtomicBool = AtomicBool::new(false);

/// Finds the classes that Rust uses, by the class loader of `NativeLibrary` itself: a thread's context loader may see
/// another jar, or none. One class loader only, ever: when its classes are gone, what this copy of the library knows of
/// them is not to be used again. `NativeLibrary` sees to it that the next class loader gets a copy of its own.
#[jni_mangle("io.github.wasmton.wasmtime.internal.NativeLibrary")]
pub fn initialize<'l>(mut env: EnvUnowned<'l>, class: JClass<'l>) {
    env.with_env(|env| -> Result<()> {
        if INITIALIZED.swap(true, Ordering::SeqCst) {
            let message = "another class loader of this JVM has this file of the native library; give this one a copy";
            return Err(Error::argument(message.to_owned()));
        }
        let loader = class.get_class_loader(env)?;
        let loader = LoaderContext::Loader(&loader);
        bridge::pin::pin().map_err(|e| Error::state(format!("the native library cannot be kept loaded: {e}")))?;
        bridge::exceptions::find(env, &loader)?;
        binding::find_classes(env, &loader)
    })
    .resolve::<Throw>();
}

/// Binds the native methods of one class to their functions.
#[jni_mangle("io.github.wasmton.wasmtime.internal.NativeLibrary")]
pub fn bind<'l>(mut env: EnvUnowned<'l>, _: JClass<'l>, class: JClass<'l>) {
    env.with_env(|env| -> Result<()> {
        let name = class.get_name(env)?.try_to_string(env)?;
        let (_, methods) = CLASSES
            .iter()
            .find(|(known, _)| *known == name)
            .ok_or_else(|| Error::argument(format!("the native library knows no class {name}")))?;
        // SAFETY: `native_method!` made each entry from a function whose signature it checked against the Java one.
        unsafe { env.register_native_methods(class, methods)? };
        Ok(())
    })
    .resolve::<Throw>();
}
