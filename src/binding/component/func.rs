//! `ComponentFunc`: calls of a component's functions.

use jni::objects::{JByteArray, JClass, JObjectArray};
use jni::sys::{jint, jlong};
use jni::{Env, EnvUnowned};
use wasmtime::StoreContextMut;
#[cfg(feature = "component-async")]
use wasmtime::component::Accessor;
use wasmtime::component::{Func, TypedFunc};

use crate::binding::component::fiber;
use crate::binding::component::numbers::{Number, Numbers};
#[cfg(feature = "component-async")]
use crate::binding::component::packed::SharedResources;
use crate::binding::component::packed::{Arrays, Packed};
use crate::binding::component::types::flat;
#[cfg(feature = "component-async")]
use crate::binding::component::values::OwnedArguments;
use crate::binding::component::values::{Arguments, HostArguments, Returned, with_result_arrays};
use crate::binding::store::{self, Data};
use crate::bridge::error::Result;
use crate::bridge::java::{Jvm, fast, natives};

natives! {
    METHODS:
    { fn take_result(store: jlong) -> jbyte[] }
    { fn call_on_fiber(store: jlong, func: jint, values: jbyte[]) -> jbyte[] }
    raw { fn call_numbers(store: jlong, func: jint, a: jlong, b: jlong, c: jlong, d: jlong) -> jlong }
    raw { fn call(store: jlong, func: jint, values: jbyte[], length: jint, arrays: jbyte[][]) -> jint }
}

/// Arguments up to this length are on the stack.
const SMALL: usize = 256;

/// `values` holds the packed arguments, `length` bytes, and then the result. Returns -1 if that is too long; it can be
/// taken by [`take_result`]. `arrays` is for large byte lists, or null.
fn call<'l>(
    mut env: EnvUnowned<'l>,
    _: JClass<'l>,
    store: jlong,
    func: jint,
    values: JByteArray<'l>,
    length: jint,
    arrays: JObjectArray<'l, JByteArray<'l>>,
) -> jint {
    fast(&mut env, |jvm| {
        store::run(store, jvm, |mut store| {
            let components = &store.data().components;
            let func = components.func(func)?;
            let resources = components.resources.clone();
            let length = usize::try_from(length).unwrap_or(0);
            let (mut small, mut large) = ([0u8; SMALL], Vec::new());
            // SAFETY: the array is the argument of this native method, on its thread.
            let (bytes, capacity) = unsafe { jvm.read_array(values.as_raw(), length, &mut small, &mut large)? };
            let arrays = Arrays { jvm, arrays: arrays.as_raw() };
            let arguments = Arguments { bytes, arrays, resources: &resources };
            // SAFETY: both types stand for values of any type, which they check when they cross.
            let func = unsafe { TypedFunc::<Arguments<'_>, Returned>::new_unchecked(func) };
            let Returned(mut packed) = with_result_arrays(arrays, || func.call(&mut store, arguments))?;
            packed.number(&resources);
            // SAFETY: as above; the length of an array never changes.
            if unsafe { jvm.write_array(values.as_raw(), capacity, &packed.bytes) } {
                Ok(0)
            } else {
                store.data_mut().components.overflow = packed.bytes;
                Ok(-1)
            }
        })
    })
}

/// Calls a function of four numbers at most, which returns one or nothing. See [`numbers`](super::numbers).
#[expect(clippy::too_many_arguments, reason = "four of them are the component's")]
fn call_numbers<'l>(
    mut env: EnvUnowned<'l>,
    _: JClass<'l>,
    store: jlong,
    func: jint,
    a: jlong,
    b: jlong,
    c: jlong,
    d: jlong,
) -> jlong {
    fast(&mut env, |jvm| {
        store::run(store, jvm, |mut store| {
            let func = store.data().components.func(func)?;
            // SAFETY: both types stand for numbers of any type, which they check when they cross.
            let func = unsafe { TypedFunc::<Numbers, Number>::new_unchecked(func) };
            let Number(result) = func.call(&mut store, Numbers([a, b, c, d]))?;
            Ok(result)
        })
    })
}

fn take_result<'l>(env: &mut Env<'l>, _: JClass<'l>, store: jlong) -> Result<JByteArray<'l>> {
    let bytes = store::with(store, |mut store| Ok(std::mem::take(&mut store.data_mut().components.overflow)))?;
    Ok(env.byte_array_from_slice(&bytes)?)
}

/// Calls a function in a Store whose components run on fibers. Takes and returns packed values.
fn call_on_fiber<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    store: jlong,
    func: jint,
    values: JByteArray<'l>,
) -> Result<JByteArray<'l>> {
    let bytes = env.convert_byte_array(&values)?;
    let packed = store::run(store, Jvm::of(env), |mut store| {
        let components = &store.data().components;
        let func = components.func(func)?;
        let resources = components.resources.clone();
        let arguments = Arguments { bytes: &bytes, arrays: Arrays::none(), resources: &resources };
        let mut packed = fiber::run(&mut store, async |store| call_async(store, func, arguments).await)?;
        fiber::cross(&mut packed, &mut store)?;
        Ok(packed)
    })?;
    Ok(env.byte_array_from_slice(&packed.bytes)?)
}

/// The most core values that stand for the result of an async function.
const MOST_FLAT: usize = 16;

/// Calls a function, async or not. wasmtime takes the number of core values that stand for the result from its type.
async fn call_async(
    store: &mut StoreContextMut<'_, Data>,
    func: Func,
    arguments: Arguments<'_>,
) -> wasmtime::Result<Packed> {
    let results: usize = func.ty(&*store).results().map(|ty| flat(&ty, MOST_FLAT)).sum();
    macro_rules! call {
        ($($count:literal)*) => {
            match results {
                $( $count => call_flat::<$count>(store, func, arguments).await, )*
                _ => call_flat::<{ MOST_FLAT + 1 }>(store, func, arguments).await,
            }
        };
    }
    call!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)
}

/// Calls a function, async or not, beside others.
#[cfg(feature = "component-async")]
pub async fn call_concurrent(
    accessor: &Accessor<Data>,
    func: Func,
    bytes: Vec<u8>,
    resources: SharedResources,
) -> wasmtime::Result<Packed> {
    let results: usize = accessor.with(|access| func.ty(access).results().map(|ty| flat(&ty, MOST_FLAT)).sum());
    let arguments = OwnedArguments { bytes, resources };
    macro_rules! call {
        ($($count:literal)*) => {
            match results {
                $( $count => Box::pin(call_flat_concurrent::<$count>(accessor, func, arguments)).await, )*
                _ => Box::pin(call_flat_concurrent::<{ MOST_FLAT + 1 }>(accessor, func, arguments)).await,
            }
        };
    }
    call!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)
}

#[cfg(feature = "component-async")]
async fn call_flat_concurrent<const RESULTS: usize>(
    accessor: &Accessor<Data>,
    func: Func,
    arguments: OwnedArguments,
) -> wasmtime::Result<Packed> {
    // SAFETY: both types stand for values of any type, which they check when they cross.
    let func = unsafe { TypedFunc::<OwnedArguments, HostArguments<RESULTS>>::new_unchecked(func) };
    Ok(func.call_concurrent(accessor, arguments).await?.0)
}

async fn call_flat<const RESULTS: usize>(
    store: &mut StoreContextMut<'_, Data>,
    func: Func,
    arguments: Arguments<'_>,
) -> wasmtime::Result<Packed> {
    // SAFETY: both types stand for values of any type, which they check when they cross.
    let func = unsafe { TypedFunc::<Arguments<'_>, HostArguments<RESULTS>>::new_unchecked(func) };
    Ok(func.call_async(store, arguments).await?.0)
}
