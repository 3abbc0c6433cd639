//! `Func`: wasm functions called from Java, and Java functions called from wasm.

use std::sync::OnceLock;

use jni::ids::JMethodID;
use jni::objects::{JClass, JObject, JString};
use jni::sys::{jint, jlong, jvalue};
use jni::{Env, EnvUnowned, bind_java_type, jni_sig, jni_str};
use wasmtime::{Caller, Extern, Func, ValRaw};

use crate::error::{Error, Result};
use crate::java::{Jvm, fast, natives};
use crate::store::{self, Data, Lent, PLAIN_PARAMS};
use crate::value;

natives! {
    { fn wrap(store: jlong, function_type: JString, function: JHostFunction) -> jlong,
      type_map = { JHostFunction => io.github.wasmton.wasmtime.internal.HostFunction } }
    { fn describe(store: jlong, func: jint) -> JString }
    raw { fn call(store: jlong, func: jint, a: jlong, b: jlong, c: jlong, d: jlong) -> jlong }
}

bind_java_type! { JHostFunction => io.github.wasmton.wasmtime.internal.HostFunction }

/// `HostFunction.call`, found once when the library is loaded.
static HOST_FUNCTION_CALL: OnceLock<JMethodID> = OnceLock::new();

pub fn find_host_function(env: &mut Env<'_>, class: &JClass<'_>) -> Result<()> {
    let method = env.get_method_id(class, jni_str!("call"), jni_sig!("(JJJJ)J"))?;
    HOST_FUNCTION_CALL.get_or_init(|| method);
    Ok(())
}

fn describe<'l>(env: &mut Env<'l>, _: JClass<'l>, store: jlong, func: jint) -> Result<JString<'l>> {
    let description = store::with(store, |store| Ok(value::describe(&store.data().func(func)?.ty(&store))))?;
    Ok(JString::from_str(env, description)?)
}

#[expect(clippy::too_many_arguments, reason = "four of them are the wasm function's")]
fn call<'l>(
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
            let func = store.data().plain_func(func)?;
            let mut values: [ValRaw; PLAIN_PARAMS] = [ValRaw::i64(a), ValRaw::i64(b), ValRaw::i64(c), ValRaw::i64(d)];
            // SAFETY: a plain function has no more parameters or results than there are values, and all of them are
            // numbers, of which any bits are one; the Func belongs to this Store, whose data it was found in.
            unsafe { func.call_unchecked(&mut store, &mut values)? };
            Ok(values[0].get_i64())
        })
    })
}

fn wrap<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    store: jlong,
    function_type: JString<'l>,
    function: JHostFunction<'l>,
) -> Result<jlong> {
    let function_type = function_type.try_to_string(env)?;
    if function.is_null() {
        // A global reference to null would do here, and end the JVM when it is called.
        return Err(jni::errors::Error::NullPtr("the function").into());
    }
    let function = env.new_global_ref(&function)?;
    store::with(store, |mut store| {
        let ty = value::parse(store.engine(), &function_type)?;
        let (params, results) = (ty.params().len(), ty.results().len());
        if params > PLAIN_PARAMS || results > 1 {
            return Err(Error::Argument(format!("more than {PLAIN_PARAMS} parameters or one result: {function_type}")));
        }
        let host = move |mut caller: Caller<'_, Data>, values: &mut [std::mem::MaybeUninit<ValRaw>]| {
            let mut arguments = [jvalue { j: 0 }; PLAIN_PARAMS];
            for (argument, value) in arguments.iter_mut().zip(&values[..params]) {
                // SAFETY: wasmtime puts as many values there as the type has parameters, and all are numbers.
                argument.j = unsafe { value.assume_init() }.get_i64();
            }
            let result = call_host(&mut caller, function.as_obj(), &arguments)?;
            if results == 1 {
                values[0].write(ValRaw::i64(result));
            }
            Ok(())
        };
        // SAFETY: `host` reads the parameters and writes the result of `ty`, and all are numbers.
        let func = unsafe { Func::new_unchecked(&mut store, ty, host) };
        Ok(store::add(&mut store, Extern::Func(func)))
    })
}

fn call_host(
    caller: &mut Caller<'_, Data>,
    function: &JObject<'_>,
    arguments: &[jvalue; PLAIN_PARAMS],
) -> wasmtime::Result<jlong> {
    let jvm: Jvm = caller.data().jvm;
    let method = HOST_FUNCTION_CALL.get().expect("found when the library was loaded").into_raw();
    // SAFETY: the Caller is ours until the host function returns, and nothing touches it before `lent` goes.
    let lent = unsafe { Lent::new(caller) };
    // SAFETY: `wrap` is only given objects of the class HostFunction, and the method is its `call`.
    let result = unsafe { jvm.call_long(function, method, arguments) };
    drop(lent);
    result
}
