//! `ComponentFunc`: calls of a component's functions.

use jni::objects::{JByteArray, JClass, JObjectArray};
use jni::sys::{jint, jlong};
use jni::{Env, EnvUnowned};
use wasmtime::component::TypedFunc;

use crate::binding::component::numbers::{Number, Numbers};
use crate::binding::component::packed::Arrays;
use crate::binding::component::values::{Arguments, Returned, with_result_arrays};
use crate::binding::store;
use crate::bridge::error::Result;
use crate::bridge::java::{fast, natives};

natives! {
    METHODS:
    { fn take_result(store: jlong) -> jbyte[] }
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
            let bytes = unsafe { jvm.read_array(values.as_raw(), length, &mut small, &mut large)? };
            let arrays = Arrays { jvm, arrays: arrays.as_raw() };
            let arguments = Arguments { bytes, arrays, resources: &resources };
            // SAFETY: both types stand for values of any type, which they check when they cross.
            let func = unsafe { TypedFunc::<Arguments<'_>, Returned>::new_unchecked(func) };
            let Returned(mut packed) = with_result_arrays(arrays, || func.call(&mut store, arguments))?;
            packed.number(&resources);
            // SAFETY: as above.
            if unsafe { jvm.write_array(values.as_raw(), &packed.bytes) } {
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
