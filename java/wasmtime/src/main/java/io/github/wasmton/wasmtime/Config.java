package io.github.wasmton.wasmtime;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The settings of an {@link Engine}; each setter returns this object. What is not said otherwise has wasmtime's
 * default. Not for several threads at once. Settings that do not go together are refused when the Engine is made.
 */
public final class Config {
    private final Map<String, String> settings = new TreeMap<>();
    private CodeCache cache = CodeCache.NONE;

    private Config set(String name, Object value) {
        settings.put(name, value.toString());
        return this;
    }

    /** Names and values in turn, as Rust reads them. */
    String[] settings() {
        return settings.entrySet().stream().flatMap(it -> Stream.of(it.getKey(), it.getValue()))
                .toArray(String[]::new);
    }

    /**
     * How much stack wasm may use from where it is entered, in bytes; 256 KiB by default. A thread enters wasm only
     * while it has this and 224 KiB more left, else the call throws {@link StackOverflowError}.
     */
    public Config maxWasmStack(long bytes) {
        return set("max_wasm_stack", bytes);
    }

    /**
     * Whether accesses out of bounds and the like are found by the processor, and arrive as signals, which wasmtime
     * tells from the JVM's own; on by default. Off, compiled code checks for itself and is up to twice as slow. Turn it
     * off where another agent in the process insists on those signals, as some profilers do.
     */
    public Config signalsBasedTraps(boolean on) {
        return set("signals_based_traps", on);
    }

    /** What the compiler optimises for; {@link OptLevel#SPEED} by default. */
    public Config craneliftOptLevel(OptLevel level) {
        return set("cranelift_opt_level", level);
    }

    /** Whether NaNs have the same bits on all processors; off by default, since floats are slower then. */
    public Config craneliftNanCanonicalization(boolean on) {
        return set("cranelift_nan_canonicalization", on);
    }

    /** Whether a module is compiled by several threads; on by default. */
    public Config parallelCompilation(boolean on) {
        return set("parallel_compilation", on);
    }

    /**
     * Whether wasm uses up fuel, about one unit an instruction, and traps with {@link TrapCode#OUT_OF_FUEL} when there
     * is none left; off by default. The same guest with the same input stops at the same place. Wasm takes two to three
     * times as long. A Store starts without fuel: see {@link Store#setFuel}.
     */
    public Config consumeFuel(boolean on) {
        return set("consume_fuel", on);
    }

    /**
     * Whether wasm looks at the engine's epoch, in each loop and function, and stops at {@link Store#setEpochDeadline};
     * off by default, since wasm takes about a tenth longer. The epoch goes on by {@link Engine#incrementEpoch} or by
     * {@link #epochTick}.
     */
    public Config epochInterruption(boolean on) {
        return set("epoch_interruption", on);
    }

    /**
     * Turns {@link #epochInterruption} on and lets the epoch go on by itself, once in that time, as long as there is
     * something of the engine. {@link Store#callWithin} and {@link Store#setInterruptible} need it; they are as exact
     * as the tick. 10 ms is a good one.
     *
     * @throws IllegalArgumentException unless it is from 100 microseconds to a day
     */
    public Config epochTick(Duration tick) {
        if (tick.compareTo(Duration.ofNanos(100_000)) < 0 || tick.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException("a tick is from 100 microseconds to a day: " + tick);
        }
        return epochInterruption(true).set("epoch_tick", tick.toNanos());
    }

    /**
     * Where {@link Module#fromFile}, {@link Module#fromBinary} and {@link Module#fromWat} look for the code before they
     * compile, and keep it afterwards; {@link CodeCache#NONE} by default.
     */
    public Config cache(CodeCache codeCache) {
        cache = Objects.requireNonNull(codeCache, "codeCache");
        return this;
    }

    CodeCache cache() {
        return cache;
    }

    /** Whether profilers can tell compiled functions; {@link ProfilingStrategy#NONE} by default. */
    public Config profiler(ProfilingStrategy strategy) {
        return set("profiler", strategy);
    }

    /** Whether native debuggers and profilers can walk through compiled code; on by default. */
    public Config nativeUnwindInfo(boolean on) {
        return set("native_unwind_info", on);
    }

    /**
     * Whether wasm frames name source lines, where the module has debug information; by default they do if the
     * environment variable {@code WASMTIME_BACKTRACE_DETAILS} is 1.
     */
    public Config wasmBacktraceDetails(boolean on) {
        return set("wasm_backtrace_details", on);
    }

    /** Whether a {@link TrapException} has a core dump; off by default, since it holds all memories. */
    public Config coredumpOnTrap(boolean on) {
        return set("coredump_on_trap", on);
    }

    /**
     * The address space that a memory gets, in bytes; 4 GiB by default. Memories never move here, so none can grow
     * further. Less than the default makes compiled code check each access.
     */
    public Config memoryReservation(long bytes) {
        return set("memory_reservation", bytes);
    }

    /** The address space behind a memory that stays empty, in bytes; 32 MiB by default. */
    public Config memoryGuardSize(long bytes) {
        return set("memory_guard_size", bytes);
    }

    /** Whether a memory's first contents are mapped rather than copied, which makes instances fast; on by default. */
    public Config memoryInitCow(boolean on) {
        return set("memory_init_cow", on);
    }

    /**
     * Whether memories that several threads of wasm share can be made; off by default. wasmtime supports them less than
     * the rest: they get no security fixes. And wasm that waits in one ({@code memory.atomic.wait}) without a time of
     * its own waits until it is notified: no interrupt, epoch or {@link Store#callWithin} ends it.
     */
    public Config sharedMemory(boolean on) {
        return set("shared_memory", on);
    }

    /** Sets memory for instances aside; by default they get theirs as they are made. */
    public Config allocationStrategy(PoolingAllocationConfig pooling) {
        settings.putAll(pooling.settings);
        return this;
    }

    /** Turns a part of WebAssembly on or off. A module that uses one that is off does not compile. */
    public Config wasmFeature(WasmFeature feature, boolean on) {
        return set("wasm_" + feature.name().toLowerCase(Locale.ROOT), on);
    }

    /** Whether {@link WasmFeature#RELAXED_SIMD} gives the same results on all processors; off by default. */
    public Config relaxedSimdDeterministic(boolean on) {
        return set("relaxed_simd_deterministic", on);
    }
}
