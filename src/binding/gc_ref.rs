//! `GcRef`: structs and arrays of wasm's garbage collector that Java holds.
//!
//! A root belongs to nobody's Store: it can be dropped on any thread and after its Store. wasmtime panics over a
//! reference in another Store, so each is kept with its Store's handle.

use jni::Env;
use jni::objects::JClass;
use jni::sys::{jboolean, jlong};
use wasmtime::{AnyRef, AsContextMut, GcHeapOutOfMemory, OwnedRooted, RootScope, Rooted, StoreContextMut};

use crate::binding::mappings::with_collected;
use crate::binding::store::{self, Data};
use crate::bridge::error::{Error, Result};
use crate::bridge::handle::Shared;
use crate::bridge::java::natives;

/// The roots that Java holds.
static REFS: Shared<GcRef> = Shared::new("reference");

struct GcRef {
    store: jlong,
    root: OwnedRooted<AnyRef>,
}

/// Waits for Java's collector while the heap of a Store is full, in milliseconds as powers of two: 60 ms in all.
const WAITS: i32 = 6;

natives! {
    METHODS:
    { fn ref_eq(store: jlong, one: jlong, other: jlong) -> jboolean }
    { fn destroy(reference: jlong) -> void }
}

/// Roots a struct or an array until Java destroys the handle.
pub fn add(mut scope: impl AsContextMut<Data = Data>, reference: Rooted<AnyRef>) -> Result<jlong> {
    let root = reference.to_owned_rooted(&mut scope)?;
    Ok(REFS.insert(GcRef { store: scope.as_context_mut().data().handle(), root }))
}

/// Returns what Java holds by that handle, rooted in the scope.
pub fn get(mut scope: impl AsContextMut<Data = Data>, handle: jlong) -> Result<Rooted<AnyRef>> {
    let reference = REFS.get(handle)?;
    if reference.store != scope.as_context_mut().data().handle() {
        return Err(Error::argument("the reference belongs to another Store"));
    }
    Ok(reference.root.to_rooted(&mut scope))
}

/// Makes something in the heap of wasm's collector. If that is full, waits for Java's collector, which does not see how
/// much its references hold, and tries again.
pub fn allocate<R>(
    store: StoreContextMut<'_, Data>,
    mut make: impl FnMut(&mut StoreContextMut<'_, Data>) -> wasmtime::Result<R>,
) -> Result<R> {
    let is_full = |e: &Error| e.as_wasmtime().is_some_and(|e| e.is::<GcHeapOutOfMemory<()>>());
    store::limited(store, |store| with_collected(WAITS, is_full, || Ok(make(store)?)))
}

fn ref_eq(_: &mut Env<'_>, _: JClass<'_>, store: jlong, one: jlong, other: jlong) -> Result<jboolean> {
    store::with(store, |store| {
        let mut scope = RootScope::new(store);
        let (one, other) = (get(&mut scope, one)?, get(&mut scope, other)?);
        Ok(Rooted::ref_eq(&scope, &one, &other)?)
    })
}

fn destroy(_: &mut Env<'_>, _: JClass<'_>, reference: jlong) -> Result<()> {
    REFS.close(reference);
    Ok(())
}
