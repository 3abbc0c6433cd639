//! `Func`: wasm functions called from Java, and Java functions called from wasm. There are three ways for the values:
//! as they are, a few or many, and by wasmtime's `Val`s; see [`Shape`].

use std::mem::MaybeUninit;

use jni::ids::JMethodID;
use jni::objects::{JClass, JLongArray, JObject, JObjectArray, JString};
use jni::refs::LoaderContext;
use jni::signature::MethodSignature;
use jni::signature::{Primitive, ReturnType};
use jni::sys::{jint, jlong, jobject, jvalue};
use jni::{Env, EnvUnowned, bind_java_type, jni_sig, jni_str};
use wasmtime::{AsContextMut, Caller, Func, RootScope, StoreContextMut, Val, ValRaw, ValType};

use crate::binding::host_calls::Lent;
use crate::binding::items;
use crate::binding::shape::{MANY_PARAMS, PLAIN_PARAMS, Shape};
use crate::binding::store::{self, Data};
use crate::binding::thrown;
use crate::binding::types;
use crate::binding::value::{self, Arrays};
use crate::bridge::class::JavaClass;
use crate::bridge::error::{Error, Result};
use crate::bridge::java::{Jvm, fast, host_call, natives};

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

bind_java_type! { JHostFunction => io.github.wasmton.wasmtime.internal.HostFunction }

bind_java_type! { JHostManyFunction => io.github.wasmton.wasmtime.internal.HostManyFunction }

bind_java_type! { JHostArrayFunction => io.github.wasmton.wasmtime.internal.HostArrayFunction }

/// A class of host functions, with its method `call`.
type HostFunctionClass = JavaClass<JMethodID>;

static HOST_FUNCTION: HostFunctionClass = JavaClass::new(jni_str!("io.github.wasmton.wasmtime.internal.HostFunction"));
static HOST_MANY_FUNCTION: HostFunctionClass =
    JavaClass::new(jni_str!("io.github.wasmton.wasmtime.internal.HostManyFunction"));
static HOST_ARRAY_FUNCTION: HostFunctionClass =
    JavaClass::new(jni_str!("io.github.wasmton.wasmtime.internal.HostArrayFunction"));

/// [`PLAIN_PARAMS`] longs, and a long back.
const PLAIN_CALL: MethodSignature<'static, 'static> = jni_sig!("(JJJJ)J");

/// [`MANY_PARAMS`] longs, and a long back.
const MANY_CALL: MethodSignature<'static, 'static> = jni_sig!("(JJJJJJJJJJJJJJJJ)J");

const ARRAY_CALL: MethodSignature<'static, 'static> = jni_sig!("([J[Ljava/lang/Object;)V");

/// Looks the classes of host functions up.
pub fn find(env: &mut Env<'_>, loader: &LoaderContext<'_, '_>) -> Result<()> {
    let calls = [(&HOST_FUNCTION, PLAIN_CALL), (&HOST_MANY_FUNCTION, MANY_CALL), (&HOST_ARRAY_FUNCTION, ARRAY_CALL)];
    for (class, signature) in calls {
        class.find(env, loader, |env, class| env.get_method_id(class, jni_str!("call"), signature))?;
    }
    Ok(())
}

/// Fails for null, where JNI would not notice.
fn not_null(object: &JObject<'_>, what: &'static str) -> Result<()> {
    if object.is_null() { Err(jni::errors::Error::NullPtr(what).into()) } else { Ok(()) }
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

#[cold]
fn other_shape() -> Error {
    Error::argument("not a function whose values cross like that")
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
    not_null(function, "the function")?;
    let function = env.new_global_ref(function)?;
    store::with(store, |mut store| {
        let ty = types::parse(store.engine(), &function_type)?;
        let (params, results) = (ty.params().len(), ty.results().len());
        if !Shape::of(&ty).fits(PARAMS) {
            return Err(other_shape());
        }
        let function = store.data_mut().held.add_function(function);
        let host = move |mut caller: Caller<'_, Data>, values: &mut [MaybeUninit<ValRaw>]| {
            let mut arguments = [jvalue { j: 0 }; PARAMS];
            for (argument, value) in arguments.iter_mut().zip(&values[..params]) {
                // SAFETY: wasmtime puts as many values there as the type has parameters, and all are numbers.
                argument.j = unsafe { value.assume_init() }.get_i64();
            }
            let result =
                call_host(&mut caller, function, class, &arguments).map_err(|e| thrown::into_wasm(&mut caller, e))?;
            if results == 1 {
                values[0].write(ValRaw::i64(result));
            }
            Ok(())
        };
        // SAFETY: `host` reads the parameters and writes the result of `ty`, and all are numbers.
        let func = unsafe { Func::new_unchecked(&mut store, ty, host) };
        Ok(items::add(&mut store, func.into()) as jint)
    })
}

fn call_host(
    caller: &mut Caller<'_, Data>,
    function: usize,
    class: &HostFunctionClass,
    arguments: &[jvalue],
) -> wasmtime::Result<jlong> {
    let jvm: Jvm = caller.data().jvm;
    let function = held_function(caller, function)?;
    let method = class.members().into_raw();
    // SAFETY: the Caller is ours until the host function returns, and nothing touches it before `lent` goes.
    let lent = unsafe { Lent::new(caller) };
    // SAFETY: `wrap_numbers` was given a function and the method of its class that takes as many longs.
    let result = unsafe { jvm.call_long(function, method, arguments) };
    drop(lent);
    result.map_err(Error::into_wasmtime)
}

/// The function itself, as a global reference of the Store. It is valid for the calling host call, since a Store
/// releases its functions only when nothing runs in it.
#[inline]
fn held_function(caller: &Caller<'_, Data>, function: usize) -> Result<jobject> {
    Ok(caller.data().held.function(function).ok_or_else(|| Error::closed("Store"))?.as_raw())
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
    not_null(&function, "the function")?;
    let function = env.new_global_ref::<&JObject<'_>>(function.as_ref())?;
    store::with(store, |mut store| {
        let ty = types::parse(store.engine(), &function_type)?;
        let result_types: Vec<ValType> = ty.results().collect();
        let function = store.data_mut().held.add_function(function);
        let func = Func::new(&mut store, ty, move |mut caller, params: &[Val], results: &mut [Val]| {
            host_call(|env| call_host_any(env, &mut caller, function, params, &result_types, results))
                .map_err(|e| thrown::into_wasm(&mut caller, e.into_wasmtime()))
        });
        Ok(items::add(&mut store, func.into()) as jint)
    })
}

fn call_host_any(
    env: &mut Env<'_>,
    caller: &mut Caller<'_, Data>,
    function: usize,
    params: &[Val],
    result_types: &[ValType],
    results: &mut [Val],
) -> Result<()> {
    let length = params.len().max(results.len());
    let numbers = JLongArray::new(env, 2 * length)?;
    let objects = env.new_object_type_array::<JObject<'_>>(length, JObject::null())?;
    let arrays = Arrays { numbers: &numbers, objects: &objects };
    value::write(env, &mut *caller, params, &arrays)?;
    // SAFETY: the reference is good until the host function returns.
    let function = unsafe { JObject::from_raw(env, held_function(caller, function)?) };
    // SAFETY: the Caller is ours until the host function returns, and nothing touches it before `lent` goes.
    let lent = unsafe { Lent::new(caller) };
    let method = HOST_ARRAY_FUNCTION.members();
    let arguments = [jvalue { l: numbers.as_raw() }, jvalue { l: objects.as_raw() }];
    // SAFETY: `wrap_any` is only given objects of the class HostArrayFunction, and the method is its `call`.
    let called =
        unsafe { env.call_method_unchecked(&function, method, ReturnType::Primitive(Primitive::Void), &arguments) };
    drop(lent);
    called?;
    let mut store: StoreContextMut<'_, Data> = caller.as_context_mut();
    let values = value::read(env, &mut store, result_types.iter().cloned(), &arrays)?;
    for (result, value) in results.iter_mut().zip(values) {
        *result = value;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn java_takes_as_many_longs_as_the_shapes_say() {
        assert_eq!(PLAIN_PARAMS, PLAIN_CALL.args().len());
        assert_eq!(MANY_PARAMS, MANY_CALL.args().len());
    }
}
