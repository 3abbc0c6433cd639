package io.github.wasmton.wasmtime;

import java.util.Objects;
import java.util.OptionalLong;

/**
 * The type of a linear memory. Sizes are in pages.
 *
 * @param minimum  the initial size
 * @param maximum  the largest size
 * @param is64     true if wasm addresses it by i64, false for i32
 * @param isShared true if several threads of wasm may use it at once
 * @param pageSize the size of a page in bytes, 65,536 unless the module says 1
 */
public record MemoryType(long minimum, OptionalLong maximum, boolean is64, boolean isShared, int pageSize)
        implements ExternType {
    /** The size of a page in bytes, unless a module says otherwise. */
    public static final int PAGE_SIZE = 65_536;

    public MemoryType {
        Objects.requireNonNull(maximum, "maximum");
        checkLimits(minimum, maximum);
        if (pageSize != PAGE_SIZE && pageSize != 1) {
            throw new IllegalArgumentException("the page size has to be 65,536 bytes or 1 byte, not " + pageSize);
        }
        if (isShared && maximum.isEmpty()) {
            throw new IllegalArgumentException("a shared memory needs a maximum");
        }
    }

    /** Creates the type of an i32-addressed memory that can grow as far as i32 addresses reach. */
    public MemoryType(long minimum) {
        this(minimum, OptionalLong.empty(), false, false, PAGE_SIZE);
    }

    /** Creates the type of an i32-addressed memory. */
    public MemoryType(long minimum, long maximum) {
        this(minimum, OptionalLong.of(maximum), false, false, PAGE_SIZE);
    }

    /** Returns the type of an i32-addressed memory that several threads may use at once. */
    public static MemoryType shared(long minimum, long maximum) {
        return new MemoryType(minimum, OptionalLong.of(maximum), false, true, PAGE_SIZE);
    }

    @Override
    public Extern.Kind kind() {
        return isShared ? Extern.Kind.SHARED_MEMORY : Extern.Kind.MEMORY;
    }

    static void checkLimits(long minimum, OptionalLong maximum) {
        if (minimum < 0 || maximum.isPresent() && maximum.getAsLong() < minimum) {
            throw new IllegalArgumentException("the minimum has to be from 0 to the maximum: " + minimum + " and "
                    + maximum);
        }
    }
}
