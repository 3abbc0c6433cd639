package io.github.wasmton.wasmtime;

import java.util.Objects;
import java.util.OptionalLong;

/**
 * The type of a table.
 *
 * @param element the type of its elements, a reference
 * @param minimum the initial number of elements
 * @param maximum the largest number of elements
 * @param is64    true if wasm addresses it by i64, false for i32
 */
public record TableType(WasmValType<?> element, long minimum, OptionalLong maximum, boolean is64)
        implements ExternType {
    public TableType {
        Objects.requireNonNull(maximum, "maximum");
        if (!element.isRef()) {
            throw new IllegalArgumentException("a table holds references, not " + element);
        }
        MemoryType.checkLimits(minimum, maximum);
    }

    /** Creates the type of an i32-addressed table without a maximum. */
    public TableType(WasmValType<?> element, long minimum) {
        this(element, minimum, OptionalLong.empty(), false);
    }

    /** Creates the type of an i32-addressed table. */
    public TableType(WasmValType<?> element, long minimum, long maximum) {
        this(element, minimum, OptionalLong.of(maximum), false);
    }

    @Override
    public Extern.Kind kind() {
        return Extern.Kind.TABLE;
    }
}
