//! Functions of a component called from Rust, with wasmtime's dynamic values and with types of Rust, and tasks for a
//! processor.

use std::hint::black_box;

use jni::objects::{JByteArray, JClass};
use jni::sys::{jboolean, jint, jlong};
use jni::{EnvUnowned, jni_mangle};
use wasmtime::component::{Component, ComponentType, Func, Lift, Linker, Lower, TypedFunc, Val};
use wasmtime::{Engine, Store};

use crate::{config, leak, leaked, native};

/// A record of `components.wat`.
#[derive(ComponentType, Lower, Clone, Copy)]
#[component(record)]
struct Item {
    id: u64,
    count: u32,
    price: f64,
    ready: bool,
}

const ITEM: Item = Item { id: 1 << 40, count: 1_000_000, price: 9.75, ready: true };
const TEXT: &str = "twenty characters. .";

/// A function of `components.wat`, by the number that Java has for it.
#[derive(Clone, Copy)]
enum Function {
    Add,
    Describe,
    Length,
    Bytes,
}

impl Function {
    const ALL: [Self; 4] = [Function::Add, Function::Describe, Function::Length, Function::Bytes];

    fn name(self) -> &'static str {
        match self {
            Function::Add => "add",
            Function::Describe => "describe",
            Function::Length => "length",
            Function::Bytes => "bytes",
        }
    }

    fn arguments(self, bytes: &[u8]) -> Vec<Val> {
        match self {
            Function::Add => vec![Val::S32(1_000_000), Val::S32(2_000_000)],
            Function::Describe => {
                let item = Val::Record(vec![
                    ("id".to_owned(), Val::U64(ITEM.id)),
                    ("count".to_owned(), Val::U32(ITEM.count)),
                    ("price".to_owned(), Val::Float64(ITEM.price)),
                    ("ready".to_owned(), Val::Bool(ITEM.ready)),
                ]);
                vec![item, Val::String(TEXT.to_owned())]
            }
            Function::Length => vec![Val::List(bytes.iter().map(|byte| Val::U8(*byte)).collect())],
            Function::Bytes => vec![Val::U32(bytes.len() as u32)],
        }
    }
}

struct Functions {
    store: Store<()>,
    /// Each function with its arguments, made once.
    dynamic: Vec<(Func, Vec<Val>)>,
    add: TypedFunc<(i32, i32), (i32,)>,
    describe: TypedFunc<(Item, &'static str), (Result<String, u32>,)>,
    length: TypedFunc<(&'static [u8],), (u32,)>,
    bytes: TypedFunc<(u32,), (Vec<u8>,)>,
    data: &'static [u8],
}

/// Instantiates `components.wat`, for byte lists of that length. With `concurrent`, wasmtime is ready for async
/// components.
#[jni_mangle("io.github.wasmton.bench.Limit")]
pub fn component<'l>(
    mut env: EnvUnowned<'l>,
    _: JClass<'l>,
    wasm: JByteArray<'l>,
    bytes: jint,
    concurrent: jboolean,
) -> jlong {
    native(&mut env, |env| {
        let wasm = env.convert_byte_array(&wasm)?;
        let mut config = config();
        config.concurrency_support(concurrent);
        let engine = Engine::new(&config).expect("settings that go together");
        let component = Component::new(&engine, wasm).expect("a valid component");
        let mut store = Store::new(&engine, ());
        let instance = Linker::new(&engine).instantiate(&mut store, &component).expect("no imports");
        let data: &[u8] = Vec::leak(vec![7; bytes as usize]);
        let mut find = |function: Function| {
            let func = instance.get_func(&mut store, function.name()).expect("a function of that name");
            (func, function.arguments(data))
        };
        let dynamic = Function::ALL.map(&mut find).into();
        let typed = "the type of components.wat";
        Ok(leak(Functions {
            dynamic,
            add: instance.get_typed_func(&mut store, "add").expect(typed),
            describe: instance.get_typed_func(&mut store, "describe").expect(typed),
            length: instance.get_typed_func(&mut store, "length").expect(typed),
            bytes: instance.get_typed_func(&mut store, "bytes").expect(typed),
            store,
            data,
        }))
    })
}

/// Calls the function of that number with wasmtime's dynamic values.
#[jni_mangle("io.github.wasmton.bench.Limit")]
pub fn call_dynamic<'l>(mut env: EnvUnowned<'l>, _: JClass<'l>, functions: jlong, number: jint, times: jint) {
    native(&mut env, |_| {
        // SAFETY: Java has the handle from `component` and uses it on one thread.
        let Functions { store, dynamic, .. } = unsafe { leaked(functions) };
        let (func, arguments) = &dynamic[number as usize];
        let mut results = [Val::Bool(false)];
        for _ in 0..times {
            func.call(&mut *store, black_box(arguments), &mut results).expect("it only returns");
            black_box(&results);
        }
        Ok(())
    });
}

/// Calls the function of that number with types of Rust.
#[jni_mangle("io.github.wasmton.bench.Limit")]
pub fn call_typed<'l>(mut env: EnvUnowned<'l>, _: JClass<'l>, functions: jlong, number: jint, times: jint) {
    native(&mut env, |_| {
        // SAFETY: as for `call_dynamic`.
        let Functions { store, add, describe, length, bytes, data, .. } = unsafe { leaked(functions) };
        for i in 0..times {
            match Function::ALL[number as usize] {
                Function::Add => drop(black_box(add.call(&mut *store, black_box((i, times))))),
                Function::Describe => drop(black_box(describe.call(&mut *store, black_box((ITEM, TEXT))))),
                Function::Length => drop(black_box(length.call(&mut *store, black_box((*data,))))),
                Function::Bytes => drop(black_box(bytes.call(&mut *store, black_box((data.len() as u32,))))),
            }
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
