package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.I32;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import io.github.wasmton.guest.Guest;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;
import io.github.wasmton.testing.ChildJvm;
import io.github.wasmton.testing.Wasm;
import io.github.wasmton.wasmtime.component.Component;
import io.github.wasmton.wasmtime.component.ComponentInstancePre;
import io.github.wasmton.wasmtime.component.ComponentLinker;

/**
 * Promise: repeated use takes no more memory. Each use runs many times in its own JVM, whose heap is small and touched
 * in advance, so that any growth is native.
 */
@Tag("own-jvm")
class LeakTest {
    /** Allowed growth of the process; far below the 66 bytes per lookup that an older binding lost. */
    static final long ALLOWED_GROWTH = 2 << 20;
    /**
     * Rounds to try. A leak shows in each of them; the JVM's own allocations, of its compiler for example, only in
     * some.
     */
    private static final int ROUNDS = 4;

    private static final String GUEST = """
            (module
              (memory (export "memory") 1)
              (global (export "global") i32 (i32.const 0))
              (func (export "trap") unreachable)
              (func (export "exact") (param (ref extern)))
              (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))""";

    private static final String ASK = """
            (component
              (import "answer" (func $answer (result s32)))
              (core func $lowered (canon lower (func $answer)))
              (core module $M (import "" "answer" (func $f (result i32))) (func (export "ask") (result i32) (call $f)))
              (core instance $m (instantiate $M (with "" (instance (export "answer" (func $lowered))))))
              (func (export "ask") (result s32) (canon lift (core func $m "ask"))))""";

    /** Its exports. */
    interface Ask {
        int ask();
    }

    /** A use and its number of repetitions. */
    enum Use {
        LOOK_UP(200_000), BUFFER(200_000), CALL(1_000_000), WRAP(200_000), TRAP(50_000), HOST_EXCEPTION(200_000),
        ERROR(200_000), STORE(20_000), STORE_WITH_BUFFER(4_000), FORGOTTEN_STORE(4_000), LINKER(20_000),
        LINKED_STORE(20_000), LINKED_FUNCTION(20_000), MODULE(500),
        COMPONENT(10_000), FORGOTTEN_COMPONENT(4_000), STRUCT(200_000), FORGOTTEN_STRUCT(100_000), EXACT_TYPE(100_000),
        TASK(500_000), FAILED_TASK(20_000), GUEST(20_000);

        private final int times;

        Use(int times) {
            this.times = times;
        }
    }

    @ParameterizedTest
    @EnumSource
    @EnabledOnOs(OS.LINUX)
    void repeatedUseTakesNoMoreMemory(Use use) {
        ChildJvm.Result result = new ChildJvm("-Xms24m", "-Xmx24m", "-XX:+UseSerialGC", "-XX:+AlwaysPreTouch")
                .with("MALLOC_ARENA_MAX", "1").run(Repeats.class, use.name()).succeeded();
        long growth = Long.parseLong(result.out().strip());
        assertTrue(growth < ALLOWED_GROWTH, use + " " + use.times + " times: " + growth + " bytes more, each time");
    }

    static class Repeats {
        private final Store store = new Store();
        private final Engine engine = store.engine();
        private final Module module = Module.fromWat(engine, GUEST);
        private final Linker linker = new Linker(store);
        private final Instance instance = linker.instantiate(module);
        private final Memory memory = instance.getMemory("memory");
        private final WasmFunctions.Consumer0 trap = WasmFunctions.consumer(instance.getFunc("trap"));
        private final WasmFunctions.Function2<Integer, Integer, Integer> add = WasmFunctions.func(
                instance.getFunc("add"), I32, I32, I32);
        private final WasmFunctions.Consumer0 throwing;
        private final Module calling = Module.fromWat(engine, """
                (module
                  (import "host" "add" (func $add (param i32 i32) (result i32)))
                  (func (export "call") (result i32) (call $add (i32.const 1) (i32.const 2))))""");
        private final InstancePre calls;
        private final ComponentInstancePre asks;
        private final StructType struct = new StructType(engine, new FieldType(I32, true));
        private Store wrappers = new Store();
        private int wrapped;
        private final GuestModule guests = Wasm.guest("""
                (module
                  (import "decaton" "poll_task" (func $poll (param i64 i32) (result i32)))
                  (memory (export "memory") 1)
                  (func (export "run")
                    (if (i32.eqz (call $poll (i64.const 0) (i32.const 1000))) (then unreachable))))""",
                GuestOptions.DEFAULT);
        private final Guest guest = guests.instantiate();
        private final Task task = new Task("topic", 0, 0, new byte[200]);
        private final Task failing = new Task("topic", 0, 0, new byte[0]);

        private Repeats() {
            linker.module("m", module);
            linker.define("host", "add", WasmFunctions.wrap(I32, I32, I32, Integer::sum));
            calls = linker.instantiatePre(calling);
            try (Component component = Component.fromWat(engine, ASK)) {
                asks = new ComponentLinker().definePerInstance("", "answer", own -> args -> 7)
                        .instantiatePre(component);
            }
            RuntimeException thrown = new RuntimeException("on purpose");
            throwing = WasmFunctions.consumer(WasmFunctions.wrap(store, () -> {
                throw thrown;
            }));
        }

        /** Prints the growth of the process in bytes in a round: the first acceptable one, or the last. */
        public static void main(String[] args) throws Exception {
            Use use = Use.valueOf(args[0]);
            int times = args.length > 1 ? Integer.parseInt(args[1]) : use.times;
            Repeats repeats = new Repeats();
            // By then all classes are loaded and compiled, and the heaps have reached their size between collections.
            long size = repeats.sizeAfter(use, times);
            long growth = ALLOWED_GROWTH;
            for (int round = 0; round < ROUNDS && growth >= ALLOWED_GROWTH; round++) {
                long before = size;
                size = repeats.sizeAfter(use, times);
                growth = size - before;
            }
            System.out.println(growth);
        }

        private long sizeAfter(Use use, int times) throws Exception {
            for (int i = 0; i < times; i++) {
                once(use);
            }
            return residentBytes();
        }

        private void once(Use use) {
            switch (use) {
                case LOOK_UP -> {
                    linker.getOneByName("m", "memory");
                    linker.get("m", "missing");
                    instance.getExport("global");
                    instance.getExport("missing");
                }
                case BUFFER -> memory.buffer().put(0, (byte) 1);
                case CALL -> add.call(1, 2);
                case WRAP -> wrap();
                case TRAP -> expect(TrapException.class, trap::accept);
                case HOST_EXCEPTION -> expect(RuntimeException.class, throwing::accept);
                case ERROR -> {
                    expect(IllegalArgumentException.class, () -> memory.grow(-1));
                    expect(IndexOutOfBoundsException.class, () -> memory.read(-1, new byte[1], 0, 1));
                }
                case STORE -> {
                    try (Store own = new Store(); Linker itsLinker = new Linker(own)) {
                        itsLinker.instantiate(module).getFunc("add");
                    }
                }
                case STORE_WITH_BUFFER -> {
                    try (Store own = new Store(); Linker itsLinker = new Linker(own)) {
                        itsLinker.instantiate(module).getMemory("memory").buffer().put(0, (byte) 1);
                    }
                }
                case FORGOTTEN_STORE -> new Linker(new Store()).instantiate(module).getMemory("memory").buffer();
                case LINKER -> {
                    try (Linker own = new Linker(store)) {
                        own.get("m", "n");
                    }
                }
                case LINKED_STORE -> {
                    try (Store own = new Store(engine)) {
                        calls.instantiate(own).getFunc("call").call();
                    }
                }
                case LINKED_FUNCTION -> {
                    try (Linker own = new Linker(store)) {
                        own.define("host", "add", WasmFunctions.wrap(I32, I32, I32, Integer::sum));
                        own.instantiatePre(calling).close();
                    }
                }
                case COMPONENT -> {
                    try (Store own = new Store(engine)) {
                        check(asks.instantiate(own, Ask.class).ask() == 7);
                    }
                }
                case FORGOTTEN_COMPONENT -> check(asks.instantiate(new Store(engine), Ask.class).ask() == 7);
                case MODULE -> Module.fromWat(engine, GUEST).close();
                case STRUCT -> new StructRef(store, struct, 1).close();
                case FORGOTTEN_STRUCT -> check(new StructRef(store, struct, 1).field(0).equals(1));
                case EXACT_TYPE -> check(instance.getFunc("exact").type().params().size() == 1);
                case TASK -> check(guest.process(task) == Outcome.DONE);
                case FAILED_TASK -> check(guest.process(failing) instanceof Outcome.Failed);
                case GUEST -> {
                    try (Guest own = guests.instantiate()) {
                        check(own.process(task) == Outcome.DONE);
                    }
                }
            }
        }

        /** A function lives as long as its Store. */
        private void wrap() {
            if (wrapped++ % 1000 == 0) {
                wrappers.close();
                wrappers = new Store();
            }
            WasmFunctions.wrap(wrappers, I32, I32, I32, Integer::sum);
        }

        private static void check(boolean so) {
            if (!so) {
                throw new AssertionError("not the outcome that was expected");
            }
        }

        private static void expect(Class<? extends Throwable> type, Runnable body) {
            try {
                body.run();
            } catch (Throwable e) {
                check(type.isInstance(e));
                return;
            }
            throw new AssertionError("no " + type);
        }

        private static long residentBytes() throws IOException, InterruptedException {
            for (int i = 0; i < 5; i++) {
                System.gc();
                Thread.sleep(50);  // for the cleaner
            }
            List<String> status = new ArrayList<>(Files.readAllLines(Path.of("/proc/self/status")));
            status.removeIf(line -> !line.startsWith("VmRSS:"));
            return Long.parseLong(status.get(0).replaceAll("\\D", "")) * 1024;
        }
    }
}
