package io.github.wasmton.wasmtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.wasmton.guest.Guest;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.Task;
import io.github.wasmton.testing.ChildJvm;
import io.github.wasmton.testing.Wasm;

/** Promise: a JVM may end while its threads are in wasm, and with everything open. */
class SystemExitTest {
    @ParameterizedTest
    @ValueSource(strings = {"exit", "return", "halt"})
    @Tag("own-jvm")
    void jvmEndsWhileGuestsRun(String how) {
        ChildJvm.Result result = new ChildJvm().run(Ends.class, how);
        assertEquals("running\n", result.out());
        assertEquals("", result.err());
        assertEquals(how.equals("return") ? 0 : 7, result.exit());
    }

    static class Ends {
        public static void main(String[] args) throws InterruptedException {
            GuestModule module = Wasm.guest("""
                    (module (memory (export "memory") 1) (func (export "run") (loop $for_ever (br $for_ever))))""",
                    GuestOptions.DEFAULT.withDeadline(Duration.ofDays(1)));
            CountDownLatch running = new CountDownLatch(3);
            Store store = new Store();
            Linker linker = new Linker(store);
            linker.define("host", "running", Extern.fromFunc(WasmFunctions.wrap(store, running::countDown)));
            var loop = WasmFunctions.consumer(Wasm.instantiate(linker, """
                    (module
                      (import "host" "running" (func $running))
                      (func (export "f") (call $running) (loop $for_ever (br $for_ever))))""").getFunc("f"));
            start(loop::accept);
            for (int i = 0; i < 2; i++) {
                Guest guest = module.instantiate();
                start(() -> {
                    running.countDown();
                    guest.process(new Task("topic", 0, 0, new byte[0]));
                });
            }
            running.await();
            System.out.println("running");
            switch (args[0]) {
                case "exit" -> System.exit(7);
                case "halt" -> Runtime.getRuntime().halt(7);
                default -> { }
            }
        }

        private static void start(Runnable body) {
            Thread thread = new Thread(body);
            thread.setDaemon(true);
            thread.start();
        }
    }
}
