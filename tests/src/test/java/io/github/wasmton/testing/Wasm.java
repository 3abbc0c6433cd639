package io.github.wasmton.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.Instance;
import io.github.wasmton.wasmtime.Linker;
import io.github.wasmton.wasmtime.Module;
import io.github.wasmton.wasmtime.Store;

/** Shortcuts from wasm text to instances and guests. */
public final class Wasm {
    private Wasm() {}

    /** Instantiates a module without imports. */
    public static Instance instantiate(Store store, String wat) {
        try (Linker linker = new Linker(store)) {
            return instantiate(linker, wat);
        }
    }

    /** Instantiates a module with a Linker's definitions. */
    public static Instance instantiate(Linker linker, String wat) {
        try (Engine engine = linker.store().engine(); Module module = Module.fromWat(engine, wat)) {
            return linker.instantiate(module);
        }
    }

    /** Instantiates a module under a name. */
    public static void module(Linker linker, String name, String wat) {
        try (Engine engine = linker.store().engine(); Module module = Module.fromWat(engine, wat)) {
            linker.module(name, module);
        }
    }

    /** Loads a guest from text, through a file. */
    public static GuestModule guest(String wat, GuestOptions options) {
        try {
            Path file = Files.createTempFile("guest", ".wat");
            try {
                Files.writeString(file, wat);
                return GuestModule.load(file, options);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the file of a guest that the build made of {@code tests/guests/<name>}. */
    public static Path built(String name) {
        Path file = Path.of(System.getProperty("wasmton.test.guests"), name + ".wasm");
        if (!Files.exists(file)) {
            throw new IllegalStateException("no " + file + ": run the tests by the build, which makes the guests");
        }
        return file;
    }
}
