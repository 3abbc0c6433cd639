//! Wasm exceptions on their way between wasm and Java, where they are objects of the class `WasmException`.
//!
//! What a host function throws can be caught by wasm if it is such an object with a tag of the same Store. What wasm
//! does not catch comes out of the call as such an object: the one that the host function threw, if it was that.

use jni::ids::{JFieldID, JMethodID};
use jni::objects::{JLongArray, JObject, JObjectArray, JString, JThrowable};
use jni::refs::{Global, LoaderContext, Reference};
use jni::signature::{JavaType, Primitive};
use jni::sys::{jint, jvalue};
use jni::{Env, jni_sig, jni_str};
use wasmtime::{
    AsContextMut, Caller, ExnRef, ExnRefPre, ExnType, OwnedRooted, RootScope, Rooted, StoreContextMut, Val,
    WasmBacktrace,
};

use crate::binding::error;
use crate::binding::host_calls::Lent;
use crate::binding::items;
use crate::binding::store::Data;
use crate::binding::types;
use crate::binding::value::{self, Arrays};
use crate::bridge::class::JavaClass;
use crate::bridge::error::{Cause, Error, Result};
use crate::bridge::java::{host_call, string_array};

/// The members of `WasmException` that Rust uses.
struct Members {
    constructor: JMethodID,
    store: JFieldID,
    tag: JFieldID,
    numbers: JFieldID,
    objects: JFieldID,
}

static WASM_EXCEPTION: JavaClass<Members> = JavaClass::new(jni_str!("io.github.wasmton.wasmtime.WasmException"));

/// Looks `WasmException` up.
pub fn find(env: &mut Env<'_>, loader: &LoaderContext<'_, '_>) -> Result<()> {
    WASM_EXCEPTION.find(env, loader, |env, class| {
        let constructor = jni_sig!(
            "(Lio/github/wasmton/wasmtime/Store;ILjava/lang/String;[J[Ljava/lang/Object;[Ljava/lang/String;)V"
        );
        Ok(Members {
            constructor: env.get_method_id(class, jni_str!("<init>"), constructor)?,
            store: env.get_field_id(class, jni_str!("storeHandle"), jni_sig!("J"))?,
            tag: env.get_field_id(class, jni_str!("tagIndex"), jni_sig!("I"))?,
            numbers: env.get_field_id(class, jni_str!("numbers"), jni_sig!("[J"))?,
            objects: env.get_field_id(class, jni_str!("objects"), jni_sig!("[Ljava/lang/Object;"))?,
        })
    })?;
    Ok(())
}

/// The exception that Java threw into a Store last, as both sides know it.
pub struct Thrown {
    exception: OwnedRooted<ExnRef>,
    java: Global<JThrowable<'static>>,
}

/// Makes what a host function threw a wasm exception, where it can be one.
#[cold]
pub fn into_wasm(caller: &mut Caller<'_, Data>, e: wasmtime::Error) -> wasmtime::Error {
    let java = match e.downcast::<Error>().map(Error::into_cause) {
        Ok(Cause::Exception(java)) => java,
        Ok(cause) => return Error::from(cause).into(),
        Err(e) => return e,
    };
    match host_call(|env| throw(env, caller, &java)) {
        Ok(Some((exception, error))) => {
            caller.data_mut().thrown = Some(Thrown { exception, java });
            error
        }
        Ok(None) => Error::from(Cause::Exception(java)).into(),
        Err(e) => e.into_wasmtime(),
    }
}

/// Throws a `WasmException` of this Store: its wasm side, and the error that tells wasmtime of it.
fn throw(
    env: &mut Env<'_>,
    caller: &mut Caller<'_, Data>,
    java: &JThrowable<'_>,
) -> Result<Option<(OwnedRooted<ExnRef>, wasmtime::Error)>> {
    let (class, known) = (WASM_EXCEPTION.local(env)?, WASM_EXCEPTION.members());
    if !env.is_instance_of(java, &class)? {
        return Ok(None);
    }
    let (long, int) = (JavaType::Primitive(Primitive::Long), JavaType::Primitive(Primitive::Int));
    // SAFETY: the object is of the class that the fields were looked up in, by those types.
    let (store, tag, numbers, objects) = unsafe {
        (
            env.get_field_unchecked(java, known.store, long)?.j()?,
            env.get_field_unchecked(java, known.tag, int)?.i()?,
            env.get_field_unchecked(java, known.numbers, JavaType::Array)?.l()?,
            env.get_field_unchecked(java, known.objects, JavaType::Array)?.l()?,
        )
    };
    if store != caller.data().handle() {
        return Ok(None);
    }
    let numbers = env.cast_local::<JLongArray<'_>>(numbers)?;
    let objects = env.cast_local::<JObjectArray<'_>>(objects)?;
    let tag = caller.data().tag(tag)?;
    let ty = ExnType::from_tag_type(&tag.ty(&*caller))?;
    let payload = tag.ty(&*caller).ty().params().collect::<Vec<_>>();
    let mut scope = RootScope::new(caller);
    let arrays = Arrays { numbers: &numbers, objects: &objects };
    let values = value::read(env, &mut scope.as_context_mut(), payload.into_iter(), &arrays)?;
    let made = ExnRefPre::new(&mut scope, ty);
    let exception = ExnRef::new(&mut scope, &made, &tag, &values)?;
    let owned = exception.to_owned_rooted(&mut scope)?;
    match scope.as_context_mut().throw::<()>(exception) {
        Err(error) => Ok(Some((owned, error))),
        Ok(()) => Ok(None),
    }
}

/// Makes an exception that wasm did not catch one of Java's.
#[cold]
pub fn into_java(mut store: StoreContextMut<'_, Data>, e: wasmtime::Error) -> Error {
    let thrown = store.data_mut().thrown.take();
    let mut scope = RootScope::new(&mut store);
    let Some(exception) = scope.as_context_mut().take_pending_exception() else { return e.into() };
    if let Some(thrown) = thrown
        && Rooted::ref_eq(&scope, &exception, &thrown.exception).is_ok_and(|same| same)
    {
        return Cause::Exception(thrown.java).into();
    }
    let frames = e.downcast_ref::<WasmBacktrace>().map_or_else(Vec::new, error::frames);
    // The Store is ours; what Java runs to make an exception does not use it.
    let _lent = Lent::nothing(scope.as_context_mut().data().handle());
    match host_call(|env| new_exception(env, &mut scope, exception, &frames)) {
        Ok(java) => Cause::Exception(java).into(),
        Err(e) => e,
    }
}

fn new_exception(
    env: &mut Env<'_>,
    mut scope: impl AsContextMut<Data = Data>,
    exception: Rooted<ExnRef>,
    frames: &[String],
) -> Result<Global<JThrowable<'static>>> {
    let tag = exception.tag(&mut scope)?;
    let ty = types::describe(tag.ty(&scope).ty());
    let values: Vec<Val> = exception.fields(scope.as_context_mut())?.collect();
    let tag = items::add(&mut scope, tag.into()) as jint;
    let numbers = JLongArray::new(env, 2 * values.len())?;
    let objects = env.new_object_type_array::<JObject<'_>>(values.len(), JObject::null())?;
    value::write(env, &mut scope, &values, &Arrays { numbers: &numbers, objects: &objects })?;
    let store = match &scope.as_context_mut().data().java {
        Some(store) => store.upgrade_local(env)?,
        None => None,
    };
    let store = store.ok_or_else(|| Error::state("wasm threw an exception into a Store that nobody has"))?;
    let (ty, frames) = (JString::from_str(env, ty)?, string_array(env, frames)?);
    let arguments = [
        jvalue { l: store.as_raw() },
        jvalue { i: tag },
        jvalue { l: ty.as_raw() },
        jvalue { l: numbers.as_raw() },
        jvalue { l: objects.as_raw() },
        jvalue { l: frames.as_raw() },
    ];
    let (class, known) = (WASM_EXCEPTION.local(env)?, WASM_EXCEPTION.members());
    // SAFETY: the constructor was looked up in this class, and takes these.
    let java = unsafe { env.new_object_unchecked(&class, known.constructor, &arguments)? };
    let java = env.cast_local::<JThrowable<'_>>(java)?;
    Ok(env.new_global_ref(&java)?)
}
