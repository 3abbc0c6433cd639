/**
 * WebAssembly in the JVM, by wasmtime.
 *
 * <h2>From bytes to a call</h2>
 *
 * <p>An {@link io.github.wasmton.wasmtime.Engine} compiles a {@link io.github.wasmton.wasmtime.Module}; a
 * {@link io.github.wasmton.wasmtime.Linker} gives names to what it imports and makes an
 * {@link io.github.wasmton.wasmtime.Instance} of it, in a {@link io.github.wasmton.wasmtime.Store};
 * {@link io.github.wasmton.wasmtime.WasmFunctions} calls its functions and makes Java's callable. WASI is in the package
 * {@link io.github.wasmton.wasmtime.wasi}.
 *
 * <p>A guest that takes tasks from Java, into its own memory. A module that imports WASI needs
 * {@code new Wasi(store, config).addToLinker(linker)} besides, and {@code linker.module("", module)} runs the
 * {@code _initialize} of one that has it.
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
 * <h2>Three kinds of objects</h2>
 *
 * <ul>
 * <li><b>Owned</b>: {@code Engine}, {@code Module}, {@code InstancePre}, {@code Linker}, {@code Store} and
 *     {@code SharedMemory} hold native memory until they are closed. Any thread may close them at any time, and more
 *     than once; what a running call still needs goes when that is over. A cleaner closes those that are forgotten, but
 *     the garbage collector does not see how heavy they are.
 * <li><b>Scoped</b>: {@code Instance}, {@code Func}, {@code Memory}, {@code Global}, {@code Table}, {@code Tag} and
 *     {@code Extern} belong to a Store and go with it. They hold nothing of their own; closing them does nothing.
 * <li><b>Values</b>: {@code Config}, the types, {@code V128}, {@code StoreLimits} and {@code CodeCache} are plain Java.
 * </ul>
 *
 * <p>A {@link io.github.wasmton.wasmtime.Caller} is of use during the host call that it was given to.
 *
 * <h2>Threads</h2>
 *
 * <p>Any number of threads may use an {@code Engine}, a {@code Module}, a {@code CodeCache} and a {@code SharedMemory}.
 * A {@code Store}, its {@code Linker}s and all that belongs to it are for one thread at a time, which need not be the
 * same one always: a second thread gets an {@link java.lang.IllegalStateException} at once, and never waits. A host
 * function may use the Store that it was called from.
 *
 * <h2>Failures</h2>
 *
 * <p>A guest that traps ends in a {@link io.github.wasmton.wasmtime.TrapException}, one that exits in an
 * {@link io.github.wasmton.wasmtime.ExitException}, one that a limit was refused to in a
 * {@link io.github.wasmton.wasmtime.ResourceLimitException}; what wasmtime refuses, in a
 * {@link io.github.wasmton.wasmtime.WasmtimeException}, of which these are subclasses. An exception that a host function
 * throws comes out of the call that entered wasm, as the same object. A {@link io.github.wasmton.wasmtime.WasmException}
 * is one that wasm can catch, and what wasm throws itself. Use of what is closed or busy is an
 * {@link java.lang.IllegalStateException}, a value that does not fit an
 * {@link java.lang.IllegalArgumentException}, an address or index that is not there an
 * {@link java.lang.IndexOutOfBoundsException}, and too little stack to enter wasm a
 * {@link java.lang.StackOverflowError}. Nothing of this package ends the JVM or corrupts memory, with one exception that
 * says so: {@link io.github.wasmton.wasmtime.Module#deserialize} of bytes that somebody has tampered with.
 */
package io.github.wasmton.wasmtime;
