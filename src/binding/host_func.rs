//! `HostFunc`: Java functions that wasm calls, in one Store or, defined in a Linker, in many. Values cross in the three
//! ways of [`Shape`].

use std::mem::MaybeUninit;
use std::sync::{Arc, Weak};

use jni::ids::JMethodID;
use jni::objects::{JClass, JLongArray, JObject, JString};
use jni::refs::LoaderContext;
use jni::signature::MethodSignature;
use jni::signature::{Primitive, ReturnType};
use jni::sys::{jlong, jobject, jvalue};
use jni::{Env, bind_java_type, jni_sig, jni_str};
use wasmtime::{AsContextMut, Caller, FuncType, StoreContextMut, Val, ValRaw, ValType};

use crate::binding::held::Object;
use crate::binding::host_calls::Lent;
use crate::binding::linker::LINKERS;
use crate::binding::shape::{MANY_PARAMS, PLAIN_PARAMS, Shape};
use crate::binding::store::Data;
use crate::binding::thrown;
use crate::binding::types;
use crate::binding::value::{self, Arrays};
use crate::bridge::class::JavaClass;
use crate::bridge::error::{Error, Result};
use crate::bridge::java::{Jvm, host_call, natives};

natives! {
    METHODS:
    { fn define(linker: jlong, module: JString, name: JString, function_type: JString, function: JHostFunction) -> void,
      type_map = { JHostFunction => io.github.wasmton.wasmtime.internal.HostFunction } }
    { fn define_many(linker: jlong, module: JString, name: JString, function_type: JString,
      function: JHostManyFunction) -> void,
      type_map = { JHostManyFunction => io.github.wasmton.wasmtime.internal.HostManyFunction } }
    { fn define_any(linker: jlong, module: JString, name: JString, function_type: JString,
      function: JHostArrayFunction) -> void,
      type_map = { JHostArrayFunction => io.github.wasmton.wasmtime.internal.HostArrayFunction } }
}

bind_java_type! { pub JHostFunction => io.github.wasmton.wasmtime.internal.HostFunction }

bind_java_type! { pub JHostManyFunction => io.github.wasmton.wasmtime.internal.HostManyFunction }

bind_java_type! { pub JHostArrayFunction => io.github.wasmton.wasmtime.internal.HostArrayFunction }

/// A class of host functions, with its method `call`.
pub type HostFunctionClass = JavaClass<JMethodID>;

pub static HOST_FUNCTION: HostFunctionClass =
    JavaClass::new(jni_str!("io.github.wasmton.wasmtime.internal.HostFunction"));
pub static HOST_MANY_FUNCTION: HostFunctionClass =
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

pub fn global(env: &mut Env<'_>, function: &JObject<'_>) -> Result<Object> {
    not_null(function, "the function")?;
    Ok(env.new_global_ref(function)?)
}

pub fn check_shape<const PARAMS: usize>(ty: &FuncType) -> Result<()> {
    if Shape::of(ty).fits(PARAMS) { Ok(()) } else { Err(other_shape()) }
}

#[cold]
pub fn other_shape() -> Error {
    Error::argument("not a function whose values cross like that")
}

/// Defines a function of numbers in a Linker: [`wrap`] for any Store.
fn define<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    linker: jlong,
    module: JString<'l>,
    name: JString<'l>,
    function_type: JString<'l>,
    function: JHostFunction<'l>,
) -> Result<()> {
    let at = Definition::read(env, linker, &module, &name, &function_type)?;
    at.define_numbers::<PLAIN_PARAMS>(env, function.as_ref(), &HOST_FUNCTION)
}

/// [`define`] with [`MANY_PARAMS`].
fn define_many<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    linker: jlong,
    module: JString<'l>,
    name: JString<'l>,
    function_type: JString<'l>,
    function: JHostManyFunction<'l>,
) -> Result<()> {
    let at = Definition::read(env, linker, &module, &name, &function_type)?;
    at.define_numbers::<MANY_PARAMS>(env, function.as_ref(), &HOST_MANY_FUNCTION)
}

/// Defines a function of any type in a Linker.
fn define_any<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    linker: jlong,
    module: JString<'l>,
    name: JString<'l>,
    function_type: JString<'l>,
    function: JHostArrayFunction<'l>,
) -> Result<()> {
    let at = Definition::read(env, linker, &module, &name, &function_type)?;
    let function = Arc::new(global(env, function.as_ref())?);
    let mut linker = LINKERS.enter(linker)?;
    let ty = types::parse(linker.engine(), &at.function_type)?;
    let host = host_of_any(&ty, Function::OfLinker(Arc::downgrade(&function)));
    linker.func_new(&at.module, &at.name, ty, host)?;
    linker.functions.add(function);
    Ok(())
}

/// The place of a function in a Linker, and its type.
struct Definition {
    linker: jlong,
    module: String,
    name: String,
    function_type: String,
}

impl Definition {
    fn read(
        env: &mut Env<'_>,
        linker: jlong,
        module: &JString<'_>,
        name: &JString<'_>,
        function_type: &JString<'_>,
    ) -> Result<Self> {
        Ok(Definition {
            linker,
            module: module.try_to_string(env)?,
            name: name.try_to_string(env)?,
            function_type: function_type.try_to_string(env)?,
        })
    }

    fn define_numbers<const PARAMS: usize>(
        self,
        env: &mut Env<'_>,
        function: &JObject<'_>,
        class: &'static HostFunctionClass,
    ) -> Result<()> {
        let function = Arc::new(global(env, function)?);
        let mut linker = LINKERS.enter(self.linker)?;
        let ty = types::parse(linker.engine(), &self.function_type)?;
        check_shape::<PARAMS>(&ty)?;
        let host = host_of_numbers::<PARAMS>(&ty, Function::OfLinker(Arc::downgrade(&function)), class);
        // SAFETY: `host` reads the parameters and writes the result of `ty`, and all are numbers.
        unsafe { linker.func_new_unchecked(&self.module, &self.name, ty, host)? };
        linker.functions.add(function);
        Ok(())
    }
}

/// A Java function that wasm calls.
pub enum Function {
    /// Held by its Store, under that number.
    OfStore(usize),
    /// Held by a Linker, and by each Store that got it from there.
    OfLinker(Weak<Object>),
}

impl Function {
    /// Calls it by its global reference, which is valid for this host call: a Store releases its functions only when
    /// nothing runs in it.
    #[inline]
    fn with<R>(
        &self,
        caller: &mut Caller<'_, Data>,
        call: impl FnOnce(&mut Caller<'_, Data>, jobject) -> R,
    ) -> Result<R> {
        match self {
            Function::OfStore(number) => {
                let function = caller.data().held.function(*number).ok_or_else(|| Error::closed("Store"))?.as_raw();
                Ok(call(caller, function))
            }
            Function::OfLinker(function) => {
                let function = function.upgrade().ok_or_else(|| Error::closed("Store"))?;
                Ok(call(caller, function.as_raw()))
            }
        }
    }
}

/// Returns what wasmtime calls for a function of numbers, of a class whose method takes `PARAMS` longs.
pub fn host_of_numbers<const PARAMS: usize>(
    ty: &FuncType,
    function: Function,
    class: &'static HostFunctionClass,
) -> impl Fn(Caller<'_, Data>, &mut [MaybeUninit<ValRaw>]) -> wasmtime::Result<()> + Send + Sync + 'static {
    let (params, results) = (ty.params().len(), ty.results().len());
    move |mut caller, values| {
        let mut arguments = [jvalue { j: 0 }; PARAMS];
        for (argument, value) in arguments.iter_mut().zip(&values[..params]) {
            // SAFETY: wasmtime puts as many values there as the type has parameters, and all are numbers.
            argument.j = unsafe { value.assume_init() }.get_i64();
        }
        let result = function
            .with(&mut caller, |caller, function| call_host(caller, function, class, &arguments))
            .map_err(Error::into_wasmtime)
            .flatten()
            .map_err(|e| thrown::into_wasm(&mut caller, e))?;
        if results == 1 {
            values[0].write(ValRaw::i64(result));
        }
        Ok(())
    }
}

fn call_host(
    caller: &mut Caller<'_, Data>,
    function: jobject,
    class: &HostFunctionClass,
    arguments: &[jvalue],
) -> wasmtime::Result<jlong> {
    let jvm: Jvm = caller.data().jvm;
    let method = class.members().into_raw();
    // SAFETY: the Caller is ours until the host function returns, and nothing touches it before `lent` goes.
    let lent = unsafe { Lent::new(caller) };
    // SAFETY: `host_of_numbers` was given a function and the method of its class that takes as many longs.
    let result = unsafe { jvm.call_long(function, method, arguments) };
    drop(lent);
    result.map_err(Error::into_wasmtime)
}

/// Returns what wasmtime calls for a function of any type.
pub fn host_of_any(
    ty: &FuncType,
    function: Function,
) -> impl Fn(Caller<'_, Data>, &[Val], &mut [Val]) -> wasmtime::Result<()> + Send + Sync + 'static {
    let result_types: Vec<ValType> = ty.results().collect();
    move |mut caller, params, results| {
        host_call(|env| {
            function.with(&mut caller, |caller, function| {
                call_host_any(env, caller, function, params, &result_types, results)
            })?
        })
        .map_err(|e| thrown::into_wasm(&mut caller, e.into_wasmtime()))
    }
}

fn call_host_any(
    env: &mut Env<'_>,
    caller: &mut Caller<'_, Data>,
    function: jobject,
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
    let function = unsafe { JObject::from_raw(env, function) };
    // SAFETY: the Caller is ours until the host function returns, and nothing touches it before `lent` goes.
    let lent = unsafe { Lent::new(caller) };
    let method = HOST_ARRAY_FUNCTION.members();
    let arguments = [jvalue { l: numbers.as_raw() }, jvalue { l: objects.as_raw() }];
    // SAFETY: `wrap_any` and `define_any` are only given objects of the class HostArrayFunction, and the method is its
    // `call`.
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
