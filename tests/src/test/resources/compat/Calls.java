import static io.github.kawamuray.wasmtime.WasmValType.F64;
import static io.github.kawamuray.wasmtime.WasmValType.I32;
import static io.github.kawamuray.wasmtime.WasmValType.I64;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.kawamuray.wasmtime.Engine;
import io.github.kawamuray.wasmtime.Extern;
import io.github.kawamuray.wasmtime.Func;
import io.github.kawamuray.wasmtime.FuncType;
import io.github.kawamuray.wasmtime.GlobalType;
import io.github.kawamuray.wasmtime.ImportType;
import io.github.kawamuray.wasmtime.Instance;
import io.github.kawamuray.wasmtime.Memory;
import io.github.kawamuray.wasmtime.MemoryType;
import io.github.kawamuray.wasmtime.Module;
import io.github.kawamuray.wasmtime.Store;
import io.github.kawamuray.wasmtime.TableType;
import io.github.kawamuray.wasmtime.Val;
import io.github.kawamuray.wasmtime.Val.Type;
import io.github.kawamuray.wasmtime.WasmFunctions;

/** Calls in both directions, typed and with Val, and the types of imports. */
public class Calls {
    private static final String GUEST = "(module"
            + "  (import \"host\" \"add\" (func $add (param i64 i64) (result i64)))"
            + "  (import \"host\" \"log\" (func $log (param i32)))"
            + "  (import \"host\" \"memory\" (memory 1 4))"
            + "  (func (export \"add\") (param i64 i64) (result i64)"
            + "    (call $add (local.get 0) (local.get 1)))"
            + "  (func (export \"log\") (param i32) (call $log (local.get 0)))"
            + "  (func (export \"swap\") (param i32 f64) (result f64 i32) (local.get 1) (local.get 0))"
            + "  (func (export \"load\") (param i32) (result i32) (i32.load (local.get 0))))";
    private static final String IMPORTS = "(module"
            + "  (import \"a\" \"f\" (func (param i32 f32) (result i64)))"
            + "  (import \"a\" \"g\" (global (mut f64)))"
            + "  (import \"b\" \"c\" (global i32))"
            + "  (import \"b\" \"t\" (table 1 9 funcref))"
            + "  (import \"b\" \"u\" (table 0 externref))"
            + "  (import \"\" \"m\" (memory 2)))";

    public static void main(String[] args) {
        instance();
        manyParameters();
        imports();
        values();
    }

    private static void instance() {
        AtomicInteger calls = new AtomicInteger();
        FuncType type = new FuncType(new Type[] {Type.I64, Type.I64}, new Type[] {Type.I64});
        try (Store<AtomicInteger> store = new Store<>(calls);
             Engine engine = store.engine();
             Module module = new Module(engine, GUEST.getBytes(StandardCharsets.UTF_8));
             Func add = new Func(store, type, (caller, params, results) -> {
                 caller.data().incrementAndGet();
                 results[0] = Val.fromI64(params[0].i64() + params[1].i64());
             });
             Func log = WasmFunctions.wrap(store, I32, value -> {
                 System.out.println("log " + value);
             });
             Memory memory = new Memory(store, new MemoryType(1, 4, false));
             Instance instance = new Instance(store, module, Arrays.asList(
                     Extern.fromFunc(add), Extern.fromFunc(log), Extern.fromMemory(memory)))) {
            Func exported = instance.getFunc(store, "add").get();
            System.out.println(Arrays.toString(exported.call(store, Val.fromI64(1), Val.fromI64(2))));
            System.out.println(exported.call(store, Arrays.asList(Val.fromI64(-5), Val.fromI64(2))));
            WasmFunctions.Function2<Long, Long, Long> typed = WasmFunctions.func(store, exported, I64, I64, I64);
            System.out.println(typed.call(Long.MAX_VALUE, 1L) + " after " + store.data() + " calls");
            WasmFunctions.Consumer1<Integer> logging =
                    WasmFunctions.consumer(store, instance.getFunc(store, "log").get(), I32);
            logging.accept(7);
            Val[] swapped = instance.getFunc(store, "swap").get().call(store, Val.fromI32(3), Val.fromF64(1.5));
            System.out.println(swapped[0].f64() + " " + swapped[1].i32() + " " + swapped[1].getType());
            memory.buffer(store).putInt(8, 1);
            System.out.println(memory.buffer(store).order() + " " + WasmFunctions.func(
                    store, instance.getFunc(store, "load").get(), I32, I32).call(8));
            System.out.println(memory.grow(store, 2) + " " + memory.size(store) + " " + memory.dataSize(store));
            System.out.println(instance.getFunc(store, "absent") + " " + instance.getFunc(store, "memory")
                    + " " + instance.getMemory(store, "add"));
        }
    }

    private static void manyParameters() {
        try (Store<Void> store = Store.withoutData();
             Func sum = WasmFunctions.wrap(store, I32, I32, I32, I32, I32, I32, I32, I32, I32, I32, I32, I32, I32, I64,
                     F64, F64, (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o) ->
                             a + b + c + d + e + f + g + h + i + j + k + l + m + n + o)) {
            WasmFunctions.Function15<Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer,
                    Integer, Integer, Integer, Integer, Long, Double, Double> call = WasmFunctions.func(store, sum, I32,
                    I32, I32, I32, I32, I32, I32, I32, I32, I32, I32, I32, I32, I64, F64, F64);
            System.out.println(call.call(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14L, 0.5));
        }
    }

    private static void imports() {
        try (Engine engine = new Engine(); Module module = new Module(engine, IMPORTS.getBytes())) {
            for (ImportType type : module.imports()) {
                System.out.println(type.module() + "." + type.name() + ": " + type.type() + " " + describe(type));
            }
        }
    }

    private static String describe(ImportType type) {
        switch (type.type()) {
            case FUNC:
                return Arrays.toString(type.func().getParams()) + Arrays.toString(type.func().getResults());
            case GLOBAL:
                GlobalType global = type.global();
                return global.getContent() + " " + global.getMutability();
            case TABLE:
                TableType table = type.table();
                return table.element() + " " + table.minimum() + " " + table.maximum();
            default:
                MemoryType memory = type.memory();
                return memory.minimum() + " " + memory.maximum() + " " + memory.is64();
        }
    }

    private static void values() {
        List<Val> values = Arrays.asList(Val.fromI32(-1), Val.fromI64(2), Val.fromF32(3), Val.fromF64(4),
                new Val(Type.I32, 5));
        System.out.println(values + " " + values.get(0).equals(Val.fromI32(-1)) + " "
                + values.get(0).equals(Val.fromI64(-1)) + " " + values.get(2).getValue().getClass());
        System.out.println(FuncType.empty() + " " + FuncType.emptyParams(Type.F32) + " "
                + FuncType.emptyResults(Type.I64).equals(new FuncType(new Type[] {Type.I64}, new Type[0])));
        System.out.println(Collections.singleton(new MemoryType(1, true)).contains(new MemoryType(1, -1, true)));
    }
}
