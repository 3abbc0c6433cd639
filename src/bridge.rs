//! The boundary between Java and Rust: raw JNI, handles, errors, stack, and the letters of types. This room knows
//! nothing of wasmtime and nothing of the rooms above. An error of theirs passes through as a [`error::Failure`], which
//! throws its exception itself.

pub mod class;
pub mod description;
pub mod error;
pub mod exceptions;
pub mod handle;
pub mod java;
pub mod letters;
pub mod pin;
pub mod stack;
pub mod sync;
