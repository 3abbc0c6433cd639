package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.I32;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import io.github.wasmton.guest.Guest;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;
import io.github.wasmton.testing.ChildJvm;
import io.github.wasmton.testing.Wasm;

/** Promise: if Java lacks the memory for an exception, another exception is thrown, never none. */
class ExhaustedHeapTest {
    @Test
    @Tag("own-jvm")
    void failuresThrowEvenWithoutFreeHeap() {
        ChildJvm.Result result = new ChildJvm("-Xmx12m", "-XX:+UseSerialGC").run(FillsTheHeap.class).succeeded();
        assertEquals("no answer without an exception, and all as before\n", result.out());
    }

    static class FillsTheHeap {
        private static Object[] filling;

        public static void main(String[] args) {
            Store store = new Store();
            Instance instance = Wasm.instantiate(store, """
                    (module
                      (memory (export "memory") 1)
                      (func (export "trap") (result i32) unreachable)
                      (func (export "seven") (result i32) (i32.const 7)))""");
            Memory memory = instance.getMemory("memory");
            var trap = WasmFunctions.func(instance.getFunc("trap"), I32);
            var seven = WasmFunctions.func(instance.getFunc("seven"), I32);
            Store closed = new Store();
            var closedCall = WasmFunctions.consumer(WasmFunctions.wrap(closed, () -> {}));
            closed.close();
            GuestModule module = Wasm.guest("""
                    (module (memory (export "memory") 1) (func (export "run") unreachable))""", GuestOptions.DEFAULT);
            Guest guest = module.instantiate();
            Task task = new Task("topic", 0, 0, new byte[10]);
            List<Runnable> failing = List.of(trap::call, closedCall::accept, closed::engine, () -> memory.grow(-1),
                    () -> memory.read(65536, task.value(), 0, 10), () -> instance.getFunc("missing"), () -> {
                        if (guest.process(task) != Outcome.DONE) {
                            throw new IllegalStateException("as it should be");
                        }
                    });
            // Once with free heap, so that all classes are loaded.
            int answers = countAnswers(failing);
            for (int round = 0; round < 3; round++) {
                fill();
                for (int i = 0; i < 20; i++) {
                    answers += countAnswers(failing);
                }
                filling = null;
            }
            if (answers != 0 || seven.call() != 7 || !(guest.process(task) instanceof Outcome.Failed)) {
                throw new AssertionError(answers + " answers without an exception");
            }
            System.out.println("no answer without an exception, and all as before");
        }

        /** Fills the heap to the last word, with chunks of decreasing size, linked by their first element. */
        private static void fill() {
            for (int size = 1 << 20; size > 0; size /= 2) {
                try {
                    while (true) {
                        Object[] chunk = new Object[size + 1];
                        chunk[0] = filling;
                        filling = chunk;
                    }
                } catch (OutOfMemoryError e) {
                    // The next size fits into the rest.
                }
            }
        }

        private static int countAnswers(List<Runnable> failing) {
            int answers = 0;
            for (int i = 0; i < failing.size(); i++) {
                try {
                    failing.get(i).run();
                    answers++;
                } catch (Throwable expected) {
                    // Its own exception, or an OutOfMemoryError.
                }
            }
            return answers;
        }
    }
}
