//! Functions of a component called from Rust, with wasmtime's dynamic values.

use std::hint::black_box;

use jni::objects::{JByteArray, JClass};
use jni::sys::{jint, jlong};
use jni::{EnvUnowned, jni_mangle};
use wasmtime::component::{Component, Func, Linker, Val};
use wasmtime::{Engine, Store};

use crate::{config, leak, leaked, native};

struct Functions {
    store: Store<()>,
    add: Func,
    describe: Func,
    length: Func,
    add_args: Vec<Val>,
    describe_args: Vec<Val>,
    length_args: Vec<Val>,
}

/// Instantiates `components.wat`.
#[jni_mangle("io.github.wasmton.bench.Limit")]
pub fn component<'l>(mut env: EnvUnowned<'l>, _: JClass<'l>, wasm: JByteArray<'l>, bytes: jint) -> jlong {
    native(&mut env, |env| {
        let wasm = env.convert_byte_array(&wasm)?;
        let engine = Engine::new(&config()).expect("settings that go together");
        let component = Component::new(&engine, wasm).expect("a valid component");
        let mut store = Store::new(&engine, ());
        let instance = Linker::new(&engine).instantiate(&mut store, &component).expect("no imports");
        let mut func = |name: &str| instance.get_func(&mut store, name).expect("a function of that name");
        let (add, describe, length) = (func("add"), func("describe"), func("length"));
        let item = Val::Record(vec![
            ("id".to_owned(), Val::U64(1 << 40)),
            ("count".to_owned(), Val::U32(1_000_000)),
            ("price".to_owned(), Val::Float64(9.75)),
            ("ready".to_owned(), Val::Bool(true)),
        ]);
        Ok(leak(Functions {
            store,
            add,
            describe,
            length,
            add_args: vec![Val::S32(1_000_000), Val::S32(2_000_000)],
            describe_args: vec![item, Val::String("twenty characters. .".to_owned())],
            length_args: vec![Val::List(vec![Val::U8(7); bytes as usize])],
        }))
    })
}

/// Calls the function of that number. The arguments are made once.
#[jni_mangle("io.github.wasmton.bench.Limit")]
pub fn call_component<'l>(mut env: EnvUnowned<'l>, _: JClass<'l>, functions: jlong, number: jint, times: jint) {
    native(&mut env, |_| {
        // SAFETY: Java has the handle from `component` and uses it on one thread.
        let functions: &mut Functions = unsafe { leaked(functions) };
        let (func, args) = match number {
            0 => (functions.add, &functions.add_args),
            1 => (functions.describe, &functions.describe_args),
            _ => (functions.length, &functions.length_args),
        };
        let mut results = [Val::Bool(false)];
        for _ in 0..times {
            func.call(&mut functions.store, args, &mut results).expect("it only returns");
            black_box(&results);
        }
        Ok(())
    });
}
