//! The task of the world, as the guest gets it: the parameter of `process`, which is lowered from where it lies. Its
//! declaration is that of wit/processor, which wasmtime checks.

use wasmtime::component::{ComponentType, Lower};

/// A task.
#[derive(ComponentType, Lower)]
#[component(record)]
pub struct Task<'a> {
    pub topic: &'a str,
    pub partition: i32,
    pub offset: i64,
    pub timestamp: i64,
    pub key: Option<&'a [u8]>,
    pub value: Option<&'a [u8]>,
    pub headers: Vec<TaskHeader<'a>>,
    pub attempt: u32,
}

/// A header of a task.
#[derive(ComponentType, Lower)]
#[component(record)]
pub struct TaskHeader<'a> {
    pub name: &'a str,
    pub value: Option<&'a [u8]>,
}
