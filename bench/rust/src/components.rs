//! Functions of a component called from Rust, with wasmtime's dynamic values, and tasks for a processor, with a type of
//! Rust.

use std::hint::black_box;

use jni::objects::{JByteArray, JClass};
use jni::sys::{jint, jlong};
use jni::{EnvUnowned, jni_mangle};
use wasmtime::component::{Component, ComponentType, Func, Lift, Linker, Lower, TypedFunc, Val};
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

/// The task of wit/processor.
#[derive(ComponentType, Lower)]
#[component(record)]
struct Task<'a> {
    topic: &'a str,
    partition: i32,
    offset: i64,
    timestamp: i64,
    key: Option<&'a [u8]>,
    value: Option<&'a [u8]>,
    headers: &'a [Header<'a>],
    attempt: u32,
}

#[derive(ComponentType, Lower)]
#[component(record)]
struct Header<'a> {
    name: &'a str,
    value: Option<&'a [u8]>,
}

#[derive(ComponentType, Lift)]
#[component(variant)]
#[expect(dead_code, reason = "no task fails")]
enum ProcessError {
    #[component(name = "retry")]
    Retry(String),
    #[component(name = "dead-letter")]
    DeadLetter(String),
    #[component(name = "skip")]
    Skip(String),
    #[component(name = "fatal")]
    Fatal(String),
}

struct Processor {
    store: Store<()>,
    process: TypedFunc<(Task<'static>,), (Result<(), ProcessError>,)>,
    value: Vec<u8>,
}

/// Deadline in ticks of the epoch, which stands still here.
const DEADLINE: u64 = 1000;

/// Instantiates a component of the world decaton:processor that imports types only, for values of that size.
#[jni_mangle("io.github.wasmton.bench.Limit")]
pub fn processor<'l>(mut env: EnvUnowned<'l>, _: JClass<'l>, wasm: JByteArray<'l>, bytes: jint) -> jlong {
    native(&mut env, |env| {
        let wasm = env.convert_byte_array(&wasm)?;
        let mut config = config();
        config.epoch_interruption(true);
        let engine = Engine::new(&config).expect("settings that go together");
        let component = Component::new(&engine, wasm).expect("a valid component");
        let mut store = Store::new(&engine, ());
        store.set_epoch_deadline(DEADLINE);
        let mut linker = Linker::new(&engine);
        linker.instance("decaton:processor/types@0.1.0").expect("a new name");
        let instance = linker.instantiate(&mut store, &component).expect("no other imports");
        let handler = instance.get_export_index(&mut store, None, "decaton:processor/task-handler@0.1.0");
        let process = instance.get_export_index(&mut store, handler.as_ref(), "process").expect("a processor");
        let process = instance.get_typed_func(&mut store, process).expect("the type of wit/processor");
        Ok(leak(Processor { store, process, value: vec![7; bytes as usize] }))
    })
}

/// Gives a processor the same task repeatedly, whose value is copied from Rust's own memory.
#[jni_mangle("io.github.wasmton.bench.Limit")]
pub fn process<'l>(mut env: EnvUnowned<'l>, _: JClass<'l>, processor: jlong, times: jint) {
    native(&mut env, |_| {
        // SAFETY: Java has the handle from `processor` and uses it on one thread.
        let Processor { store, process, value } = unsafe { leaked(processor) };
        // SAFETY: as above; the processor is never dropped.
        let value: &'static [u8] = unsafe { std::slice::from_raw_parts(value.as_ptr(), value.len()) };
        for _ in 0..times {
            store.set_epoch_deadline(DEADLINE);
            let task = Task {
                topic: "tasks",
                partition: 0,
                offset: 0,
                timestamp: 0,
                key: None,
                value: Some(value),
                headers: &[],
                attempt: 1,
            };
            let (result,) = process.call(&mut *store, (black_box(task),)).expect("it only returns");
            assert!(black_box(result).is_ok(), "it is done with each task");
        }
        Ok(())
    });
}
