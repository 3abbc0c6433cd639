package io.github.wasmton.wasmtime;

import java.util.Objects;
import java.util.OptionalLong;

/**
 * The type of a linear memory. Sizes are in pages.
 *
 * @param minimum  its size at first
 * @param maximum  its size at most
 * @param is64     whether wasm addresses it by i64 rather than by i32
 * @param isShared whether several threads of wasm may use it at a time
 * @param pageSize the size of a page in bytes, 65,536 unless the module says 1
 */
public record MemoryType(long minimum, OptionalLong maximum, boolean is64, boolean isShared, int pageSize)
        implements ExternType {
    /** The size of a page unless a module says otherwise. */
    public static final int PAGE_SIZE = 65_536;

    public MemoryType {
        Objects.requireNonNull(maximum, "maximum");
        checkLimits(minimum, maximum);
        if (pageSize != PAGE_SIZE && pageSize != 1) {
            throw new IllegalArgumentException("a page has 65,536 bytes or 1 byte, not " + pageSize);
        }
        if (isShared && maximum.isEmpty()) {
            throw new IllegalArgumentException("a shared memory has a maximum");
        }
    }

    /** A memory of that size, addressed by i32, that can grow as far as that goes. */
    public MemoryType(long minimum) {
        this(minimum, OptionalLong.empty(), false, false, PAGE_SIZE);
    }

    /** A memory of that size at first and at most, addressed by i32. */
    public MemoryType(long minimum, long maximum) {
        this(minimum, OptionalLong.of(maximum), false, false, PAGE_SIZE);
    }

    /** A memory of that size at first and at most, addressed by i32, that several threads may use at a time. */
    public static MemoryType shared(long minimum, long maximum) {
        return new MemoryType(minimum, OptionalLong.of(maximum), false, true, PAGE_SIZE);
    }

    @Override
    public Extern.Kind kind() {
        return isShared ? Extern.Kind.SHARED_MEMORY : Extern.Kind.MEMORY;
    }

    static void checkLimits(long minimum, OptionalLong maximum) {
        if (minimum < 0 || maximum.isPresent() && maximum.getAsLong() < minimum) {
            throw new IllegalArgumentException("not a minimum and a maximum: " + minimum + " and " + maximum);
        }
    }
}
