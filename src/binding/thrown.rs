//! Wasm exceptions on their way between wasm and Java, where they are objects of the class `WasmException`.
//!
//! What a host function throws can be caught by wasm if it is such an object with a tag of the same Store. What wasm
//! does not catch comes out of the call as such an object: the one that the host function threw, if it was that.

use std::sync::OnceLock;

use jni::ids::{JFieldID, JMethodID};
use jni::objects::{JClass, JLongArray, JObject, JObjectArray, JString, JThrowable};
use jni::refs::{Global, LoaderContext, Reference, Weak};
use jni::signature::{JavaType, Primitive};
use jni::sys::{jint, jvalue};
use jni::{Env, jni_sig, jni_str};
use wasmtime::{
    AsContextMut, Caller, ExnRef, ExnRefPre, ExnType, OwnedRooted, RootScope, Rooted, StoreContextMut, Val,
    WasmBacktrace,
};

use crate::binding::host_calls::Lent;
use crate::binding::items;
use crate::binding::store::Data;
use crate::binding::value::{self, Arrays};
use crate::bridge::error::{Error, HostException, Result};
use crate::bridge::exceptions;
use crate::bridge::java::{host_call, string_array};

/// What Rust knows of `WasmException`.
struct WasmException {
    class: Weak<JClass<'static>>,
    constructor: JMethodID,
    store: JFieldID,
    tag: JFieldID,
    numbers: JFieldID,
    objects: JFieldID,
}

static WASM_EXCEPTION: OnceLock<WasmException> = OnceLock::new();

pub fn find_wasm_exception(env: &mut Env<'_>, loader: &LoaderContext<'_, '_>) -> Result<()> {
    let class = loader.load_class(env, jni_str!("io.github.wasmton.wasmtime.WasmException"), false)?;
    let constructor =
        jni_sig!("(Lio/github/wasmton/wasmtime/Store;ILjava/lang/String;[J[Ljava/lang/Object;[Ljava/lang/String;)V");
    let found = WasmException {
        constructor: env.get_method_id(&class, jni_str!("<init>"), constructor)?,
        store: env.get_field_id(&class, jni_str!("storeHandle"), jni_sig!("J"))?,
        tag: env.get_field_id(&class, jni_str!("tagIndex"), jni_sig!("I"))?,
        numbers: env.get_field_id(&class, jni_str!("numbers"), jni_sig!("[J"))?,
        objects: env.get_field_id(&class, jni_str!("objects"), jni_sig!("[Ljava/lang/Object;"))?,
        class: env.new_weak_ref(&class)?,
    };
    WASM_EXCEPTION.get_or_init(|| found);
    Ok(())
}

impl WasmException {
    fn get() -> &'static Self {
        WASM_EXCEPTION.get().expect("found when the library was loaded")
    }

    fn class<'l>(&self, env: &mut Env<'l>) -> Result<JClass<'l>> {
        Ok(self.class.upgrade_local(env)?.expect("the class that is calling us has the same loader"))
    }
}

/// The exception that Java threw into a Store last, as both sides know it.
pub struct Thrown {
    exception: OwnedRooted<ExnRef>,
    java: Global<JThrowable<'static>>,
}

/// Makes what a host function threw a wasm exception, where it can be one.
#[cold]
pub fn into_wasm(caller: &mut Caller<'_, Data>, e: wasmtime::Error) -> wasmtime::Error {
    let HostException(java) = match e.downcast::<HostException>() {
        Ok(thrown) => thrown,
        Err(e) => return e,
    };
    match host_call(|env| throw(env, caller, &java)) {
        Ok(Some((exception, error))) => {
            caller.data_mut().thrown = Some(Thrown { exception, java });
            error
        }
        Ok(None) => HostException(java).into(),
        Err(e) => e,
    }
}

/// Throws a `WasmException` of this Store: its wasm side, and the error that tells wasmtime of it.
fn throw(
    env: &mut Env<'_>,
    caller: &mut Caller<'_, Data>,
    java: &JThrowable<'_>,
) -> Result<Option<(OwnedRooted<ExnRef>, wasmtime::Error)>> {
    let known = WasmException::get();
    let class = known.class(env)?;
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
pub fn into_java(mut store: StoreContextMut<'_, Data>, e: wasmtime::Error) -> wasmtime::Error {
    let thrown = store.data_mut().thrown.take();
    let mut scope = RootScope::new(&mut store);
    let Some(exception) = scope.as_context_mut().take_pending_exception() else { return e };
    if let Some(thrown) = thrown
        && Rooted::ref_eq(&scope, &exception, &thrown.exception).is_ok_and(|same| same)
    {
        return HostException(thrown.java).into();
    }
    let frames = e.downcast_ref::<WasmBacktrace>().map_or_else(Vec::new, exceptions::frames);
    // The Store is ours; what Java runs to make an exception does not use it.
    let _lent = Lent::nothing(scope.as_context_mut().data().handle());
    match host_call(|env| new_exception(env, &mut scope, exception, &frames)) {
        Ok(java) => HostException(java).into(),
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
    let ty = value::describe(tag.ty(&scope).ty());
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
    let known = WasmException::get();
    let class = known.class(env)?;
    // SAFETY: the constructor was looked up in this class, and takes these.
    let java = unsafe { env.new_object_unchecked(&class, known.constructor, &arguments)? };
    let java = env.cast_local::<JThrowable<'_>>(java)?;
    Ok(env.new_global_ref(&java)?)
}
