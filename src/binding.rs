//! wasmtime for Java.

pub mod caller;
pub mod config;
pub mod deadline;
pub mod engine;
pub mod externs;
pub mod func;
pub mod global;
pub mod held;
pub mod host_calls;
pub mod instance;
pub mod instance_pre;
pub mod items;
pub mod limits;
pub mod linker;
pub mod memory;
pub mod module;
pub mod shared_memory;
pub mod stdio;
pub mod store;
pub mod table;
pub mod tag;
pub mod thrown;
pub mod value;
pub mod wasi;
