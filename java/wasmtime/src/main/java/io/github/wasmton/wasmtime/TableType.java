package io.github.wasmton.wasmtime;

import java.util.Objects;
import java.util.OptionalLong;

/**
 * The type of a table.
 *
 * @param element the type of its elements, a reference
 * @param minimum so many elements it has at first
 * @param maximum so many it can have at most
 * @param is64    whether wasm addresses it by i64 rather than by i32
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

    /** Elements of that type, so many at first, addressed by i32. */
    public TableType(WasmValType<?> element, long minimum) {
        this(element, minimum, OptionalLong.empty(), false);
    }

    /** Elements of that type, so many at first and so many at most, addressed by i32. */
    public TableType(WasmValType<?> element, long minimum, long maximum) {
        this(element, minimum, OptionalLong.of(maximum), false);
    }

    @Override
    public Extern.Kind kind() {
        return Extern.Kind.TABLE;
    }
}
