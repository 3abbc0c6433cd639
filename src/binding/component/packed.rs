//! Values of WIT as they cross to Java and back: packed into bytes, in the order of their type, little end first.
//!
//! | type | bytes |
//! | --- | --- |
//! | bool, numbers, char | 1, 2, 4 or 8 |
//! | string | length as 4 bytes, UTF-8 |
//! | list | number of elements as 4 bytes, elements |
//! | list of u8 or s8 | the same; or -1 - n for the n-th of the arrays that go with the bytes |
//! | record, tuple, fixed list | their parts |
//! | variant, enum, option, result | number of the case as 4 bytes, its value if it has one |
//! | flags | words of 4 bytes |
//! | future, stream | 8 bytes: its number |
//! | own, borrow | 8 bytes: the number of a guest's resource in its Store, or -1 - rep for one of Java's |
//!
//! Java is not trusted to pack rightly: everything that is read here is checked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jni::sys::{jlong, jobjectArray};
#[cfg(feature = "component-async")]
use wasmtime::component::{FutureAny, StreamAny};
use wasmtime::component::{ResourceAny, ResourceType};

use crate::bridge::error::{Error, Result};
use crate::bridge::java::Jvm;

/// Byte lists from this length on cross as arrays of their own, which saves a copy.
pub const LARGE: usize = 1024;

/// The type of all resources that are Java objects. Java knows the types apart.
pub fn java_resource() -> ResourceType {
    ResourceType::host_dynamic(0)
}

/// The guests' resources that Java has, by number. No number is used twice.
#[derive(Default)]
pub struct Resources {
    by_number: HashMap<jlong, ResourceAny>,
    next: jlong,
}

/// Resources of one Store. Values that are lowered look them up while wasmtime has the Store.
#[derive(Clone, Default)]
pub struct SharedResources(Arc<Mutex<Resources>>);

impl SharedResources {
    fn with<R>(&self, body: impl FnOnce(&mut Resources) -> R) -> R {
        body(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn add(&self, resource: ResourceAny) -> jlong {
        self.with(|resources| {
            resources.next += 1;
            resources.by_number.insert(resources.next, resource);
            resources.next
        })
    }

    pub fn get(&self, number: jlong) -> Result<ResourceAny> {
        self.with(|resources| resources.by_number.get(&number).copied()).ok_or_else(dropped)
    }

    pub fn remove(&self, number: jlong) -> Result<ResourceAny> {
        self.with(|resources| resources.by_number.remove(&number)).ok_or_else(dropped)
    }
}

#[cold]
fn dropped() -> Error {
    Error::state("the resource is closed, or was given away")
}

/// Byte lists that cross beside the packed bytes, as a Java array of arrays of a native call that is running; null for
/// none.
#[derive(Clone, Copy)]
pub struct Arrays {
    pub jvm: Jvm,
    pub arrays: jobjectArray,
}

// SAFETY: as for `Jvm`.
unsafe impl Send for Arrays {}
// SAFETY: as for `Jvm`; a value that is lowered stays on the thread of its call.
unsafe impl Sync for Arrays {}

impl Arrays {
    pub const fn none() -> Self {
        Arrays { jvm: Jvm::none(), arrays: std::ptr::null_mut() }
    }
}

/// Reads packed values.
pub struct Reader<'a> {
    bytes: &'a [u8],
    pub arrays: Arrays,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8], arrays: Arrays) -> Self {
        Reader { bytes, arrays }
    }

    #[inline]
    pub fn take(&mut self, length: usize) -> wasmtime::Result<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(length).ok_or_else(wrong)?;
        self.bytes = rest;
        Ok(taken)
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> wasmtime::Result<[u8; N]> {
        let (taken, rest) = self.bytes.split_first_chunk().ok_or_else(wrong)?;
        self.bytes = rest;
        Ok(*taken)
    }

    #[inline]
    pub fn u8(&mut self) -> wasmtime::Result<u8> {
        self.array::<1>().map(u8::from_le_bytes)
    }

    #[inline]
    pub fn u16(&mut self) -> wasmtime::Result<u16> {
        self.array().map(u16::from_le_bytes)
    }

    #[inline]
    pub fn u32(&mut self) -> wasmtime::Result<u32> {
        self.array().map(u32::from_le_bytes)
    }

    #[inline]
    pub fn u64(&mut self) -> wasmtime::Result<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub fn char(&mut self) -> wasmtime::Result<u32> {
        let char = self.u32()?;
        char::from_u32(char).ok_or_else(wrong)?;
        Ok(char)
    }

    pub fn str(&mut self) -> wasmtime::Result<&'a str> {
        let length = self.u32()? as usize;
        std::str::from_utf8(self.take(length)?).map_err(|_| wrong())
    }

    /// Reads a number below the number of cases.
    pub fn case(&mut self, cases: usize) -> wasmtime::Result<u32> {
        let case = self.u32()?;
        if (case as usize) < cases { Ok(case) } else { Err(wrong()) }
    }
}

/// The error for bytes that no plan of Java's makes.
#[cold]
pub fn wrong() -> wasmtime::Error {
    Error::argument("values that are not packed as their type says").into_wasmtime()
}

/// The room in which packed values begin.
const ROOM: usize = 128;

/// Packed values on their way to Java.
pub struct Packed {
    pub bytes: Vec<u8>,
    /// Where the numbers of the guest's resources belong that are yet to get one.
    resources: Vec<(usize, ResourceAny)>,
    /// Likewise for its futures and streams.
    #[cfg(feature = "component-async")]
    pub futures: Vec<(usize, FutureAny)>,
    #[cfg(feature = "component-async")]
    pub streams: Vec<(usize, StreamAny)>,
}

impl Packed {
    /// Begins with room for a small result, which then takes one allocation.
    pub fn new() -> Self {
        Self::of(Vec::with_capacity(ROOM))
    }

    pub fn of(bytes: Vec<u8>) -> Self {
        Packed {
            bytes,
            resources: Vec::new(),
            #[cfg(feature = "component-async")]
            futures: Vec::new(),
            #[cfg(feature = "component-async")]
            streams: Vec::new(),
        }
    }

    pub fn u32(&mut self, value: u32) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    pub fn u64(&mut self, value: u64) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    pub fn resource(&mut self, resource: ResourceAny) {
        self.resources.push((self.bytes.len(), resource));
        self.u64(0);
    }

    #[cfg(feature = "component-async")]
    pub fn future(&mut self, future: FutureAny) {
        self.futures.push((self.bytes.len(), future));
        self.u64(0);
    }

    #[cfg(feature = "component-async")]
    pub fn stream(&mut self, stream: StreamAny) {
        self.streams.push((self.bytes.len(), stream));
        self.u64(0);
    }

    pub fn put(&mut self, at: usize, number: jlong) {
        self.bytes[at..at + 8].copy_from_slice(&number.to_le_bytes());
    }

    /// Gives the resources their numbers. Returns those that are borrowed.
    pub fn number(&mut self, resources: &SharedResources) -> Vec<jlong> {
        let mut borrowed = Vec::new();
        for (at, resource) in std::mem::take(&mut self.resources) {
            let number = resources.add(resource);
            self.put(at, number);
            if !resource.owned() {
                borrowed.push(number);
            }
        }
        borrowed
    }
}
