//! Guests driven by wasmtime from Rust alone: compiled, linked, instantiated, given tasks.

use jni::objects::{JByteArray, JClass};
use jni::sys::{JNIEnv, jbyteArray, jint, jlong};
use jni::{EnvUnowned, jni_mangle};
use wasmtime::{Caller, Engine, InstancePre, Linker, Memory, Module, Store, TypedFunc, WasmBacktraceDetails};
use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi::p1::{self, WasiP1Ctx};

use crate::{config, leak, leaked, native};

/// Deadline in ticks of the epoch, which stands still here.
const DEADLINE: u64 = 1000;

struct Guest {
    store: Store<State>,
    run: TypedFunc<(), ()>,
}

struct State {
    wasi: WasiP1Ctx,
    memory: Option<Memory>,
    task: Task,
}

/// Source of the bytes that `poll_task` copies.
enum Task {
    Java { env: *mut JNIEnv, array: jbyteArray, length: usize },
    Rust(Vec<u8>),
}

// SAFETY: the pointers of `Task::Java` are used only by `run_tasks`, on its thread and while it runs.
unsafe impl Send for Task {}

/// Creates an engine with the settings of the product's engine for guests: see `src/guest/engines.rs`.
#[jni_mangle("io.github.wasmton.bench.Limit")]
pub fn engine<'l>(mut env: EnvUnowned<'l>, _: JClass<'l>) -> jlong {
    native(&mut env, |_| {
        let mut config = config();
        config.epoch_interruption(true);
        config.wasm_backtrace_details(WasmBacktraceDetails::Enable);
        Ok(leak(Engine::new(&config).expect("settings that go together")))
    })
}

/// Compiles and links a guest, and drops it.
#[jni_mangle("io.github.wasmton.bench.Limit")]
pub fn compile<'l>(mut env: EnvUnowned<'l>, _: JClass<'l>, engine: jlong, wasm: JByteArray<'l>) {
    native(&mut env, |env| {
        let wasm = env.convert_byte_array(&wasm)?;
        // SAFETY: Java has the handle from `engine`; an Engine is for any thread.
        drop(link(unsafe { leaked(engine) }, &wasm));
        Ok(())
    });
}

#[jni_mangle("io.github.wasmton.bench.Limit")]
pub fn module<'l>(mut env: EnvUnowned<'l>, _: JClass<'l>, engine: jlong, wasm: JByteArray<'l>) -> jlong {
    native(&mut env, |env| {
        let wasm = env.convert_byte_array(&wasm)?;
        // SAFETY: as for `compile`.
        Ok(leak(link(unsafe { leaked(engine) }, &wasm)))
    })
}

/// Creates an instance, and drops it.
#[jni_mangle("io.github.wasmton.bench.Limit")]
pub fn instantiate<'l>(mut env: EnvUnowned<'l>, _: JClass<'l>, module: jlong) {
    native(&mut env, |_| {
        // SAFETY: Java has the handle from `module`; an InstancePre is for any thread.
        drop(start(unsafe { leaked(module) }));
        Ok(())
    });
}

#[jni_mangle("io.github.wasmton.bench.Limit")]
pub fn guest<'l>(mut env: EnvUnowned<'l>, _: JClass<'l>, module: jlong) -> jlong {
    native(&mut env, |_| {
        // SAFETY: as for `instantiate`.
        Ok(leak(start(unsafe { leaked(module) })))
    })
}

/// Gives a guest the same task repeatedly, copied from the Java array each time, as in the product.
#[jni_mangle("io.github.wasmton.bench.Limit")]
pub fn run_tasks<'l>(mut env: EnvUnowned<'l>, _: JClass<'l>, guest: jlong, task: JByteArray<'l>, times: jint) {
    native(&mut env, |env| {
        let length = task.len(env)?;
        // SAFETY: Java has the handle from `guest` and uses it on one thread.
        let guest: &mut Guest = unsafe { leaked(guest) };
        guest.run(Task::Java { env: env.get_raw(), array: task.as_raw(), length }, times);
        Ok(())
    });
}

/// Gives a guest the same task repeatedly, copied from Rust's own memory each time, without JNI.
#[jni_mangle("io.github.wasmton.bench.Limit")]
pub fn run_tasks_of_rust<'l>(mut env: EnvUnowned<'l>, _: JClass<'l>, guest: jlong, task: JByteArray<'l>, times: jint) {
    native(&mut env, |env| {
        let task = env.convert_byte_array(&task)?;
        // SAFETY: as for `run_tasks`.
        let guest: &mut Guest = unsafe { leaked(guest) };
        guest.run(Task::Rust(task), times);
        Ok(())
    });
}

fn link(engine: &Engine, wasm: &[u8]) -> InstancePre<State> {
    let module = Module::new(engine, wasm).expect("a valid module");
    let mut linker = Linker::new(engine);
    p1::add_to_linker_sync(&mut linker, |state: &mut State| &mut state.wasi).expect("an empty linker");
    linker.func_wrap("decaton", "poll_task", poll_task).expect("a new name");
    linker.instantiate_pre(&module).expect("no other imports")
}

fn start(linked: &InstancePre<State>) -> Guest {
    let wasi = WasiCtxBuilder::new().build_p1();
    let state = State { wasi, memory: None, task: Task::Rust(Vec::new()) };
    let mut store = Store::new(linked.module().engine(), state);
    store.set_epoch_deadline(DEADLINE);
    let instance = linked.instantiate(&mut store).expect("memory enough");
    store.data_mut().memory = instance.get_memory(&mut store, "memory");
    if let Ok(initialize) = instance.get_typed_func::<(), ()>(&mut store, "_initialize") {
        initialize.call(&mut store, ()).expect("it returns");
    }
    let run = instance.get_typed_func(&mut store, "run").expect("a function without parameters and results");
    Guest { store, run }
}

impl Guest {
    fn run(&mut self, task: Task, times: jint) {
        self.store.data_mut().task = task;
        for _ in 0..times {
            self.store.set_epoch_deadline(DEADLINE);
            self.run.call(&mut self.store, ()).expect("it returns");
        }
        self.store.data_mut().task = Task::Rust(Vec::new());
    }
}

fn poll_task(mut caller: Caller<'_, State>, address: i64, length: i32) -> i32 {
    let memory = caller.data().memory.expect("set before anything runs");
    let (memory, state) = memory.data_and_store_mut(&mut caller);
    let buffer = &mut memory[address as usize..][..length as usize];
    match &state.task {
        Task::Java { env, array, length } => {
            let target = &mut buffer[..*length];
            // SAFETY: `run_tasks`, inside of which this runs, has the array and the environment from JNI; the target is
            // as long as the array.
            unsafe {
                ((***env).v1_1.GetByteArrayRegion)(*env, *array, 0, target.len() as i32, target.as_mut_ptr().cast());
            }
            *length as i32
        }
        Task::Rust(task) => {
            buffer[..task.len()].copy_from_slice(task);
            task.len() as i32
        }
    }
}
