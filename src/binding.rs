//! wasmtime for Java: one file a Java class, named alike, with the class's native methods in `natives!` at its head.
//!
//! | Java classes | files |
//! | --- | --- |
//! | `Engine` and its `Config`, `Module` | [`engine`], [`config`], [`module`] |
//! | `Linker`, `Instance`, `InstancePre` | [`linker`], [`instance`], [`instance_pre`] |
//! | `Store` | [`store`] with [`items`], [`host_calls`], [`held`], [`limits`] and [`deadline`] |
//! | `Func`, `HostFunc`, `Caller` | [`func`] and [`host_func`] with [`shape`], [`caller`] |
//! | `Global`, `Table`, `Extern` | [`global`], [`table`], [`externs`] |
//! | `Memory`, `SharedMemory` | [`memory`], [`shared_memory`] |
//! | `Tag`, `WasmException` | [`tag`], [`thrown`] |
//! | `StructRef`, `ArrayRef` and their types | [`struct_ref`], [`array_ref`], with [`gc_ref`] and [`native_type`] |
//! | `Wasi` | [`wasi`] with [`stdio`] and [`log`] |
//! | the package `component` | [`component`] |
//! | `Wit`, for generated sources | [`wit`] |
//!
//! [`types`] and [`value`] are the way of wasm's types and values, [`error`] is that of wasmtime's errors. [`net`] is
//! the network policy, with the reserve of [`descriptors`], and [`http`] sends requests under it. This room uses the
//! bridge and knows nothing of guests.

pub mod array_ref;
pub mod caller;
pub mod component;
pub mod config;
pub mod deadline;
pub mod descriptors;
pub mod engine;
pub mod error;
pub mod externs;
pub mod func;
pub mod gc_ref;
pub mod global;
pub mod held;
pub mod host_calls;
pub mod host_func;
pub mod http;
pub mod instance;
pub mod instance_pre;
pub mod items;
pub mod limits;
pub mod linker;
pub mod log;
pub mod mappings;
pub mod memory;
pub mod module;
pub mod native_type;
pub mod net;
pub mod shape;
pub mod shared_memory;
pub mod stdio;
pub mod store;
pub mod struct_ref;
pub mod table;
pub mod tag;
pub mod thrown;
pub mod types;
pub mod value;
pub mod waits;
pub mod wasi;
pub mod wit;

use jni::Env;
use jni::refs::LoaderContext;

use crate::bridge::error::Result;

/// Looks up the Java classes that this room uses, once, when the library is loaded.
pub fn find_classes(env: &mut Env<'_>, loader: &LoaderContext<'_, '_>) -> Result<()> {
    error::find(env, loader)?;
    stdio::find(env, loader)?;
    deadline::find(env, loader)?;
    mappings::find(env, loader)?;
    thrown::find(env, loader)?;
    component::host::find(env, loader)?;
    host_func::find(env, loader)
}
