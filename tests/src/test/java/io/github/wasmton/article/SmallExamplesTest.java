package io.github.wasmton.article;

import static io.github.wasmton.wasmtime.WasmValType.I32;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import io.github.wasmton.testing.ChildJvm;
import io.github.wasmton.testing.Wasm;
import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.Linker;
import io.github.wasmton.wasmtime.Module;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.WasmFunctions;
import io.github.wasmton.wasmtime.wasi.PreopenDir;
import io.github.wasmton.wasmtime.wasi.Wasi;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

/** The article's two small examples, hello-wasm and io-wasm. */
class SmallExamplesTest {
    @Test
    void helloWasmAdds() {
        try (Store store = new Store(); Engine engine = store.engine();
                Module module = Module.fromFile(engine, Wasm.built("hello-wasm").toString());
                Linker linker = new Linker(store)) {
            linker.module("", module);
            assertEquals(3, WasmFunctions.func(linker.getOneByName("", "add").func(), I32, I32, I32).call(1, 2));
        }
    }

    @Test
    @Tag("own-jvm")
    void ioWasmPrintsToTheHostsStandardOutput() {
        ChildJvm.Result result = new ChildJvm().run(Prints.class, Wasm.built("io-wasm").toString()).succeeded();
        assertEquals("before\nHello Wasm!\nHello Wasm!\nafter\n", result.out());
    }

    static class Prints {
        public static void main(String[] args) {
            System.out.println("before");
            try (Store store = new Store(); Engine engine = store.engine();
                    Module module = Module.fromFile(engine, Path.of(args[0]).toString());
                    Linker linker = new Linker(store)) {
                new Wasi(store, new WasiConfig(new String[0], new PreopenDir[0])).addToLinker(linker);
                linker.module("", module);
                WasmFunctions.consumer(linker.getOneByName("", "run").func()).accept();
                WasmFunctions.consumer(linker.getOneByName("", "run").func()).accept();
            }
            System.out.println("after");
        }
    }
}
