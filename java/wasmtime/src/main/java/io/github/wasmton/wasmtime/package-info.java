/**
 * WebAssembly in the JVM, by wasmtime.
 *
 * <h2>From bytes to a call</h2>
 *
 * <p>An {@link io.github.wasmton.wasmtime.Engine} compiles a {@link io.github.wasmton.wasmtime.Module}. A
 * {@link io.github.wasmton.wasmtime.Linker} names the module's imports and creates an
 * {@link io.github.wasmton.wasmtime.Instance} of it in a {@link io.github.wasmton.wasmtime.Store}.
 * {@link io.github.wasmton.wasmtime.WasmFunctions} calls wasm functions and makes Java functions callable from wasm.
 * WASI is in the package {@link io.github.wasmton.wasmtime.wasi}.
 *
 * <p>The example is a guest that copies tasks from Java into its own memory. A module that imports WASI also needs
 * {@code new Wasi(store, config).addToLinker(linker)}. {@code linker.module("", module)} runs the
 * {@code _initialize} of a module that has one.
 *
 * <pre>{@code
 * import static io.github.wasmton.wasmtime.WasmValType.I32;
 * import static java.nio.charset.StandardCharsets.UTF_8;
 *
 * import java.util.concurrent.atomic.AtomicReference;
 *
 * import io.github.wasmton.wasmtime.Engine;
 * import io.github.wasmton.wasmtime.Extern;
 * import io.github.wasmton.wasmtime.Instance;
 * import io.github.wasmton.wasmtime.Linker;
 * import io.github.wasmton.wasmtime.Memory;
 * import io.github.wasmton.wasmtime.Module;
 * import io.github.wasmton.wasmtime.Store;
 * import io.github.wasmton.wasmtime.WasmFunctions;
 *
 * class PollTask {
 *     private static final String GUEST = """
 *             (module
 *               (import "host" "poll_task" (func $poll_task (param i32 i32) (result i32)))
 *               (memory (export "memory") 1)
 *               (func (export "run") (result i32) (call $poll_task (i32.const 16) (i32.const 100))))
 *             """;
 *
 *     public static void main(String[] args) {
 *         byte[] task = "a task".getBytes(UTF_8);
 *         AtomicReference<Memory> memory = new AtomicReference<>();
 *         try (Engine engine = new Engine();
 *              Module module = Module.fromWat(engine, GUEST);
 *              Store store = new Store(engine);
 *              Linker linker = new Linker(store)) {
 *             linker.define("host", "poll_task", Extern.fromFunc(
 *                     WasmFunctions.wrap(store, I32, I32, I32, (address, length) -> {
 *                         if (length < task.length) {
 *                             return -1;
 *                         }
 *                         memory.get().write(address, task, 0, task.length);
 *                         return task.length;
 *                     })));
 *             Instance guest = linker.instantiate(module);
 *             memory.set(guest.getMemory("memory"));
 *             int length = WasmFunctions.func(guest.getFunc("run"), I32).call();
 *             System.out.println(memory.get().getString(16, length));
 *         }
 *     }
 * }
 * }</pre>
 *
 * <h2>Four kinds of objects</h2>
 *
 * <ul>
 * <li><b>Owned</b>: {@code Engine}, {@code Module}, {@code InstancePre}, {@code Linker}, {@code Store} and
 *     {@code SharedMemory} hold native memory until they are closed. Any thread may close them at any time, and more
 *     than once; native memory that a running call needs is freed after the call. A cleaner closes forgotten objects,
 *     but the garbage collector does not see how heavy they are.
 * <li><b>Scoped</b>: {@code Instance}, {@code Func}, {@code Memory}, {@code Global}, {@code Table}, {@code Tag} and
 *     {@code Extern} belong to a Store and end with it. They have no resources of their own; closing them does nothing.
 * <li><b>Roots</b>: {@code StructRef} and {@code ArrayRef} keep an object of wasm's garbage collector until they are
 *     closed or collected.
 * <li><b>Values</b>: {@code Config}, the types, {@code V128}, {@code I31}, {@code HostRef}, {@code StoreLimits} and
 *     {@code CodeCache} are plain Java.
 * </ul>
 *
 * <p>A {@link io.github.wasmton.wasmtime.Caller} is valid during the host call that received it.
 *
 * <h2>Threads</h2>
 *
 * <p>Any number of threads may use an {@code Engine}, a {@code Module}, an {@code InstancePre}, a {@code HostFunc}, a
 * {@code CodeCache} and a {@code SharedMemory} at the same time.
 * One thread at a time, not always the same one, may use a {@code Store}, its {@code Linker}s and everything that
 * belongs to it: a second thread gets an {@link java.lang.IllegalStateException} at once, and never waits. A host
 * function may use the Store that it was called from.
 *
 * <h2>Failures</h2>
 *
 * <p>A guest that traps ends with a {@link io.github.wasmton.wasmtime.TrapException}, one that exits with an
 * {@link io.github.wasmton.wasmtime.ExitException}, and one that exceeds a limit with a
 * {@link io.github.wasmton.wasmtime.ResourceLimitException}. All are subclasses of
 * {@link io.github.wasmton.wasmtime.WasmtimeException}, which reports everything else that wasmtime refuses. An
 * exception that a host function throws comes out of the call that entered wasm as the same object. A
 * {@link io.github.wasmton.wasmtime.WasmException} is an exception that wasm can catch, or that wasm itself threw.
 * Using a closed or busy object throws {@link java.lang.IllegalStateException}; an unsuitable value,
 * {@link java.lang.IllegalArgumentException}; an address or index out of bounds,
 * {@link java.lang.IndexOutOfBoundsException}; and too little stack to enter wasm,
 * {@link java.lang.StackOverflowError}. Nothing in this package ends the JVM or corrupts memory, with one documented
 * exception: {@link io.github.wasmton.wasmtime.Module#deserialize} of bytes that somebody has tampered with.
 */
package io.github.wasmton.wasmtime;
