//! wasm functions called from Rust, and a Java method called from Rust.

use std::hint::black_box;
use std::ptr;

use jni::objects::{JByteArray, JClass};
use jni::sys::{jint, jlong};
use jni::{EnvUnowned, jni_mangle, jni_sig, jni_str};
use wasmtime::{Engine, Instance, Module, Store, TypedFunc};

use crate::{config, leak, leaked, native};

struct Functions {
    store: Store<()>,
    empty: TypedFunc<(), ()>,
    add: TypedFunc<(i32, i32), i32>,
}

/// Instantiates a module without imports that exports the functions `empty` and `add`.
#[jni_mangle("io.github.wasmton.bench.Limit")]
pub fn functions<'l>(mut env: EnvUnowned<'l>, _: JClass<'l>, wasm: JByteArray<'l>) -> jlong {
    native(&mut env, |env| {
        let wasm = env.convert_byte_array(&wasm)?;
        let engine = Engine::new(&config()).expect("settings that go together");
        let module = Module::new(&engine, wasm).expect("a valid module");
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("no imports");
        let empty = instance.get_typed_func(&mut store, "empty").expect("a function without parameters and results");
        let add = instance.get_typed_func(&mut store, "add").expect("a function of two i32 that returns an i32");
        Ok(leak(Functions { store, empty, add }))
    })
}

#[jni_mangle("io.github.wasmton.bench.Limit")]
pub fn call_empty<'l>(mut env: EnvUnowned<'l>, _: JClass<'l>, functions: jlong, times: jint) {
    native(&mut env, |_| {
        // SAFETY: Java has the handle from `functions` and uses it on one thread.
        let Functions { store, empty, .. } = unsafe { leaked(functions) };
        for _ in 0..times {
            empty.call(&mut *store, ()).expect("it only returns");
        }
        Ok(())
    });
}

#[jni_mangle("io.github.wasmton.bench.Limit")]
pub fn call_add<'l>(mut env: EnvUnowned<'l>, _: JClass<'l>, functions: jlong, times: jint) {
    native(&mut env, |_| {
        // SAFETY: as for `call_empty`.
        let Functions { store, add, .. } = unsafe { leaked(functions) };
        for i in 0..times {
            black_box(add.call(&mut *store, black_box((i, times))).expect("it only adds"));
        }
        Ok(())
    });
}

/// Calls `Limit.called()` without checking for an exception.
#[jni_mangle("io.github.wasmton.bench.Limit")]
pub fn upcalls<'l>(mut env: EnvUnowned<'l>, class: JClass<'l>, times: jint) {
    native(&mut env, |env| {
        let method = env.get_static_method_id(&class, jni_str!("called"), jni_sig!("()V"))?.into_raw();
        let raw = env.get_raw();
        for _ in 0..times {
            // SAFETY: the environment of this thread, and a static method of that class without parameters, which
            // throws nothing.
            unsafe { ((**raw).v1_1.CallStaticVoidMethodA)(raw, class.as_raw(), method, ptr::null()) };
        }
        Ok(())
    });
}
