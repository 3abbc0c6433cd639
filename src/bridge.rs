//! The way between Java and Rust, for whatever is on either side of it: raw JNI, handles, errors, stack. It knows no
//! object of wasmtime.

pub mod error;
pub mod exceptions;
pub mod fence;
pub mod handle;
pub mod java;
pub mod stack;
