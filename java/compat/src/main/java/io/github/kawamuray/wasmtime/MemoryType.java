package io.github.kawamuray.wasmtime;

import java.util.OptionalLong;

/**
 * The type of a linear memory: {@link io.github.wasmton.wasmtime.MemoryType}. Sizes are in pages of 64 KiB.
 *
 * @param minimum the initial size
 * @param maximum the largest size, or -1
 * @param is64    true if wasm addresses it by i64, false for i32
 */
public record MemoryType(long minimum, long maximum, boolean is64) {
    /** Creates a type without a maximum. */
    public MemoryType(long minimum, boolean is64) {
        this(minimum, -1, is64);
    }

    static MemoryType of(io.github.wasmton.wasmtime.MemoryType delegate) {
        return new MemoryType(delegate.minimum(), delegate.maximum().orElse(-1), delegate.is64());
    }

    io.github.wasmton.wasmtime.MemoryType delegate() {
        return new io.github.wasmton.wasmtime.MemoryType(minimum,
                maximum < 0 ? OptionalLong.empty() : OptionalLong.of(maximum), is64, false,
                io.github.wasmton.wasmtime.MemoryType.PAGE_SIZE);
    }
}
