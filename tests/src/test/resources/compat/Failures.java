import static io.github.kawamuray.wasmtime.WasmValType.I32;
import static io.github.kawamuray.wasmtime.WasmValType.I64;

import java.util.Arrays;
import java.util.Collections;

import io.github.kawamuray.wasmtime.Config;
import io.github.kawamuray.wasmtime.Engine;
import io.github.kawamuray.wasmtime.Extern;
import io.github.kawamuray.wasmtime.Func;
import io.github.kawamuray.wasmtime.FuncType;
import io.github.kawamuray.wasmtime.Instance;
import io.github.kawamuray.wasmtime.Linker;
import io.github.kawamuray.wasmtime.Memory;
import io.github.kawamuray.wasmtime.MemoryType;
import io.github.kawamuray.wasmtime.Module;
import io.github.kawamuray.wasmtime.Store;
import io.github.kawamuray.wasmtime.Val;
import io.github.kawamuray.wasmtime.WasmFunctionError;
import io.github.kawamuray.wasmtime.WasmFunctionError.I32ExitError;
import io.github.kawamuray.wasmtime.WasmFunctionError.TrapError;
import io.github.kawamuray.wasmtime.WasmFunctions;
import io.github.kawamuray.wasmtime.WasmtimeException;

/** Traps, exits, exceptions of host functions, and what wasmtime refuses. */
public class Failures {
    private static final String GUEST = "(module"
            + "  (import \"\" \"host\" (func $host (param i32) (result i32)))"
            + "  (table 2 funcref)"
            + "  (memory 1)"
            + "  (func (export \"host\") (param i32) (result i32) (call $host (local.get 0)))"
            + "  (func (export \"unreachable\") unreachable)"
            + "  (func (export \"divide\") (drop (i32.div_s (i32.const 1) (i32.const 0))))"
            + "  (func (export \"overflow\") (drop (i32.div_s (i32.const 0x80000000) (i32.const -1))))"
            + "  (func (export \"convert\") (drop (i32.trunc_f32_s (f32.const nan))))"
            + "  (func (export \"load\") (drop (i32.load (i32.const 65536))))"
            + "  (func (export \"table\") (call_indirect (i32.const 2)))"
            + "  (func (export \"null\") (call_indirect (i32.const 0)))"
            + "  (func $deep (export \"deep\") (call $deep)))";

    public static void main(String[] args) {
        FuncType type = new FuncType(new Val.Type[] {Val.Type.I32}, new Val.Type[] {Val.Type.I32});
        try (Store<String> store = new Store<>("data");
             Engine engine = store.engine();
             Module module = new Module(engine, GUEST.getBytes());
             Func host = new Func(store, type, Failures::host);
             Instance instance = new Instance(store, module, Collections.singletonList(Extern.fromFunc(host)))) {
            for (String name : Arrays.asList("unreachable", "divide", "overflow", "convert", "load", "table", "null",
                    "deep")) {
                WasmFunctions.Consumer0 call = WasmFunctions.consumer(store, instance.getFunc(store, name).get());
                report(name, call::accept);
            }
            Func call = instance.getFunc(store, "host").get();
            for (int what = 0; what <= 5; what++) {
                Val argument = Val.fromI32(what);
                report("host " + what, () -> System.out.print(call.call(store, argument)[0] + " "));
            }
            report("too few", () -> call.call(store));
            report("other type", () -> call.call(store, Val.fromI64(1)));
            report("other result", () -> WasmFunctions.func(store, call, I32, I64).call(0));
            report("not a function", () -> Extern.fromFunc(call).memory());
            report("no imports", () -> new Instance(store, module, Collections.emptyList()));
            report("not defined", () -> new Linker(engine).module(store, "", module));
            Memory memory = new Memory(store, new MemoryType(1, 2, false));
            report("too large", () -> memory.grow(store, 2));
            report("not wasm", () -> new Module(engine, "(module".getBytes()));
            report("no file", () -> Module.fromFile(engine, "/nonexistent.wasm"));
            report("still usable", () -> System.out.print(call.call(store, Val.fromI32(0))[0] + " "));
        }
        interrupt();
    }

    private static void host(Object caller, Val[] params, Val[] results) {
        switch (params[0].i32()) {
            case 0:
                results[0] = Val.fromI32(42);
                break;
            case 1:
                throw new I32ExitError(-1);
            case 2:
                throw new IllegalArgumentException("by the host");
            case 3:
                throw new WasmtimeException("by the host");
            case 4:
                results[0] = Val.fromI64(42);
                break;
            default:  // no result
        }
    }

    private static void interrupt() {
        String loop = "(module (func (export \"run\") (loop (br 0))))";
        try (Engine engine = new Engine(new Config().epochInterruption(true));
             Store<Void> store = new Store<>(null, engine);
             Module module = new Module(engine, loop.getBytes());
             Instance instance = new Instance(store, module, Collections.emptyList());
             Func run = instance.getFunc(store, "run").get()) {
            store.setEpochDeadline(1);
            engine.incrementEpoch();
            report("loop", () -> run.call(store));
        }
    }

    private static void report(String what, Runnable code) {
        try {
            code.run();
            System.out.println(what + ": ok");
        } catch (TrapError e) {
            System.out.println(what + ": " + e.trap() + ", " + e.getMessage());
        } catch (I32ExitError e) {
            System.out.println(what + ": exit " + e.exitCode() + ", " + e.getMessage());
        } catch (WasmFunctionError e) {
            System.out.println(what + ": " + e);
        } catch (WasmtimeException e) {
            System.out.println(what + ": refused");
        } catch (RuntimeException e) {
            System.out.println(what + ": failed");
        }
    }
}
