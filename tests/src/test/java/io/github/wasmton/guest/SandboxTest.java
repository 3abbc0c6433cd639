package io.github.wasmton.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

import io.github.wasmton.testing.ChildJvm;
import io.github.wasmton.testing.TestGuests;
import io.github.wasmton.testing.Wasm;
import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.Linker;
import io.github.wasmton.wasmtime.Module;
import io.github.wasmton.wasmtime.Store;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sandboxes that deny a system call: modules with data load all the same. */
@Tag("own-jvm")
class SandboxTest {
    private static final int EPERM = 1;
    private static final int MEMFD_CREATE = 319;  // on x86-64

    @Test
    void modulesLoadWithoutMemfd(@TempDir Path directory) throws Exception {
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "the numbers of system calls are those of x86-64");
        Path source = directory.resolve("deny.c");
        try (InputStream in = SandboxTest.class.getResourceAsStream("/deny.c")) {
            Files.copy(in, source);
        }
        Path deny = directory.resolve("deny");
        assertEquals(0, new ProcessBuilder("cc", "-o", deny.toString(), source.toString()).inheritIO().start()
                .waitFor());
        new ChildJvm().under(deny.toString(), Integer.toString(EPERM), Integer.toString(MEMFD_CREATE))
                .run(Loads.class, Wasm.built("probe").toString(), Wasm.built("messages").toString()).succeeded();
    }

    static class Loads {
        public static void main(String[] args) {
            String data = "(module (memory (export \"memory\") 1) (data (i32.const 0) \"x\"))";
            try (Engine engine = new Engine(); Store store = new Store(engine); Linker linker = new Linker(store);
                 Module module = Module.fromWat(engine, data)) {
                assertEquals('x', linker.instantiate(module).getMemory("memory").getByte(0));
            }
            for (String guest : args) {
                try (GuestModule module = GuestModule.load(Path.of(guest), GuestOptions.DEFAULT);
                     Guest instance = module.instantiate()) {
                    if (guest.endsWith("probe.wasm")) {
                        assertSame(Outcome.DONE, instance.process(TestGuests.task("nothing")));
                    }
                }
            }
        }
    }
}
