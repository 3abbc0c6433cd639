package io.github.wasmton.bench.rivals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A runtime for wasm with an instance of tests/guests/kernels, as a user of it would have it. */
public interface Rival {
    /** A MiB, the size of the guest's buffer. */
    int MIB = 1 << 20;

    /** Calls a function that does nothing. */
    void empty();

    /** Calls a function that adds. */
    int add(int a, int b);

    /** Calls a function that calls Java's {@code add} so many times. */
    int callbacks(int times);

    /** Hands a task over: the guest's {@code run} polls it. */
    void process(byte[] task);

    /** Copies a MiB into the guest's buffer. */
    void write(byte[] source);

    /** Copies a MiB out of the guest's buffer. */
    void read(byte[] target);

    /** Computes a Fibonacci number by recursion. */
    int fib(int n);

    /** Computes the SHA-256 of the guest's buffer; its first four bytes. */
    int sha256();

    /** Makes another instance of the same module and lets go of it. */
    void instantiate();

    /** Makes the module from its bytes once more and lets go of it. */
    void load();

    /** Those that there are. */
    static Rival of(String name) {
        byte[] wasm = guest();
        return switch (name) {
            case "wasmton" -> new Wasmton(wasm);
            case "wasmtime-java" -> new WasmtimeJava(wasm);
            case "endive" -> new Endive(wasm, false);
            case "endive-compiled" -> new Endive(wasm, true);
            case "graalwasm" -> new GraalWasm(wasm);
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static byte[] guest() {
        try {
            return Files.readAllBytes(Path.of(System.getProperty("wasmton.bench.guests"), "kernels.wasm"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
