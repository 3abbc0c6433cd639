//! `Func`: wasm functions called from Java, and Java functions that wasm can call in one Store. There are three ways
//! for the values: as they are, a few or many, and by wasmtime's `Val`s; see [`Shape`](crate::binding::shape::Shape).

use jni::objects::{JClass, JLongArray, JObject, JObjectArray, JString};
use jni::sys::{jint, jlong};
use jni::{Env, EnvUnowned};
use wasmtime::{AsContextMut, Func, RootScope, Val, ValRaw};

use crate::binding::host_func::{
    Function, HOST_FUNCTION, HOST_MANY_FUNCTION, HostFunctionClass, JHostArrayFunction, JHostFunction,
    JHostManyFunction, check_shape, global, host_of_any, host_of_numbers, other_shape,
};
use crate::binding::items;
use crate::binding::shape::{MANY_PARAMS, PLAIN_PARAMS};
use crate::binding::store;
use crate::binding::types;
use crate::binding::value::{self, Arrays};
use crate::bridge::error::Result;
use crate::bridge::java::{Jvm, fast, natives};

natives! {
    METHODS:
    { fn wrap(store: jlong, function_type: JString, function: JHostFunction) -> jint,
      type_map = { JHostFunction => io.github.wasmton.wasmtime.internal.HostFunction } }
    { fn wrap_many(store: jlong, function_type: JString, function: JHostManyFunction) -> jint,
      type_map = { JHostManyFunction => io.github.wasmton.wasmtime.internal.HostManyFunction } }
    { fn wrap_any(store: jlong, function_type: JString, function: JHostArrayFunction) -> jint,
      type_map = { JHostArrayFunction => io.github.wasmton.wasmtime.internal.HostArrayFunction } }
    { fn call_any(store: jlong, func: jint, numbers: jlong[], objects: JObject[]) -> void }
    raw { fn call_plain(store: jlong, func: jint, a: jlong, b: jlong, c: jlong, d: jlong) -> jlong }
    raw { fn call_many(store: jlong, func: jint, a: jlong, b: jlong, c: jlong, d: jlong, e: jlong, f: jlong,
      g: jlong, h: jlong, i: jlong, j: jlong, k: jlong, l: jlong, m: jlong, n: jlong, o: jlong, p: jlong) -> jlong }
}

#[expect(clippy::too_many_arguments, reason = "four of them are the wasm function's")]
fn call_plain<'l>(
    mut env: EnvUnowned<'l>,
    _: JClass<'l>,
    store: jlong,
    func: jint,
    a: jlong,
    b: jlong,
    c: jlong,
    d: jlong,
) -> jlong {
    call_numbers(&mut env, store, func, [a, b, c, d])
}

/// [`call_plain`] with more of them.
#[expect(clippy::too_many_arguments, reason = "sixteen of them are the wasm function's")]
fn call_many<'l>(
    mut env: EnvUnowned<'l>,
    _: JClass<'l>,
    store: jlong,
    func: jint,
    a: jlong,
    b: jlong,
    c: jlong,
    d: jlong,
    e: jlong,
    f: jlong,
    g: jlong,
    h: jlong,
    i: jlong,
    j: jlong,
    k: jlong,
    l: jlong,
    m: jlong,
    n: jlong,
    o: jlong,
    p: jlong,
) -> jlong {
    call_numbers(&mut env, store, func, [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p])
}

/// Calls a function of [`PLAIN_PARAMS`] or [`MANY_PARAMS`] numbers at most.
#[inline]
fn call_numbers<const PARAMS: usize>(
    env: &mut EnvUnowned<'_>,
    store: jlong,
    func: jint,
    numbers: [jlong; PARAMS],
) -> jlong {
    fast(env, |jvm| {
        store::run(store, jvm, |mut store| {
            let (func, shape) = store.data().func_and_shape(func)?;
            if !shape.fits(PARAMS) {
                return Err(other_shape());
            }
            let mut values = numbers.map(ValRaw::i64);
            // SAFETY: a function of that shape has no more parameters or results than there are values, and all of them
            // are numbers, of which any bits are one; the Func belongs to this Store, whose data it was found in.
            unsafe { func.call_unchecked(&mut store, &mut values)? };
            Ok(values[0].get_i64())
        })
    })
}

/// The arrays hold the parameters, then the results.
fn call_any<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    store: jlong,
    func: jint,
    numbers: JLongArray<'l>,
    objects: JObjectArray<'l>,
) -> Result<()> {
    let arrays = Arrays { numbers: &numbers, objects: &objects };
    store::run(store, Jvm::of(env), |store| {
        let func = store.data().func(func)?;
        let ty = func.ty(&store);
        let mut scope = RootScope::new(store);
        let params = value::read(env, &mut scope.as_context_mut(), ty.params(), &arrays)?;
        let mut results = vec![Val::I32(0); ty.results().len()];
        func.call(&mut scope, &params, &mut results)?;
        value::write(env, &mut scope, &results, &arrays)
    })
}

/// A function of numbers, with [`PLAIN_PARAMS`] parameters and one result at most.
fn wrap<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    store: jlong,
    function_type: JString<'l>,
    function: JHostFunction<'l>,
) -> Result<jint> {
    wrap_numbers::<PLAIN_PARAMS>(env, store, &function_type, function.as_ref(), &HOST_FUNCTION)
}

/// [`wrap`] with [`MANY_PARAMS`].
fn wrap_many<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    store: jlong,
    function_type: JString<'l>,
    function: JHostManyFunction<'l>,
) -> Result<jint> {
    wrap_numbers::<MANY_PARAMS>(env, store, &function_type, function.as_ref(), &HOST_MANY_FUNCTION)
}

/// Wraps a function of that class, whose method takes `PARAMS` longs and returns a long.
fn wrap_numbers<const PARAMS: usize>(
    env: &mut Env<'_>,
    store: jlong,
    function_type: &JString<'_>,
    function: &JObject<'_>,
    class: &'static HostFunctionClass,
) -> Result<jint> {
    let function_type = function_type.try_to_string(env)?;
    let function = global(env, function)?;
    store::with(store, |mut store| {
        let ty = types::parse(store.engine(), &function_type)?;
        check_shape::<PARAMS>(&ty)?;
        let function = Function::OfStore(store.data_mut().held.add_function(function));
        let host = host_of_numbers::<PARAMS>(&ty, function, class);
        // SAFETY: `host` reads the parameters and writes the result of `ty`, and all are numbers.
        let func = unsafe { Func::new_unchecked(&mut store, ty, host) };
        Ok(items::add(&mut store, func.into()) as jint)
    })
}

/// A function of any type.
fn wrap_any<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    store: jlong,
    function_type: JString<'l>,
    function: JHostArrayFunction<'l>,
) -> Result<jint> {
    let function_type = function_type.try_to_string(env)?;
    let function = global(env, function.as_ref())?;
    store::with(store, |mut store| {
        let ty = types::parse(store.engine(), &function_type)?;
        let function = Function::OfStore(store.data_mut().held.add_function(function));
        let host = host_of_any(&ty, function);
        let func = Func::new(&mut store, ty, host);
        Ok(items::add(&mut store, func.into()) as jint)
    })
}
