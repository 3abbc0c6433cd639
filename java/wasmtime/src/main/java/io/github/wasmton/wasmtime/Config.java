package io.github.wasmton.wasmtime;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The settings of an {@link Engine}. Each setter returns this object. Settings that are not mentioned here, or not set,
 * have wasmtime's defaults, unless a setter names another. Not thread-safe. Creating an Engine checks that the settings
 * fit together.
 */
public final class Config {
    private final Map<String, String> settings = new TreeMap<>();
    private CodeCache cache = CodeCache.NONE;

    private Config set(String name, Object value) {
        settings.put(name, value.toString());
        return this;
    }

    /** Returns alternating names and values, as Rust reads them. */
    String[] settings() {
        return settings.entrySet().stream().flatMap(it -> Stream.of(it.getKey(), it.getValue()))
                .toArray(String[]::new);
    }

    /**
     * Sets the stack that wasm may use from its point of entry, in bytes. Default: 256 KiB. A thread enters wasm only
     * while it has this and 224 KiB more left (448 KiB on ARM, whose pages may be larger); otherwise the call throws
     * {@link StackOverflowError}.
     */
    public Config maxWasmStack(long bytes) {
        return set("max_wasm_stack", bytes);
    }

    /**
     * Sets if the CPU detects out-of-bounds accesses and similar traps, and reports them as signals, which wasmtime
     * tells apart from the JVM's own. When off, compiled code makes the checks itself and is up to twice as slow.
     * Default: on for Linux; off for macOS and Windows, where wasmtime's handlers have not been tried beside HotSpot's.
     * Turn it off where another agent in the process needs those signals, as some profilers do.
     */
    public Config signalsBasedTraps(boolean on) {
        return set("signals_based_traps", on);
    }

    /** Sets the goal of the compiler's optimisations. Default: {@link OptLevel#SPEED}. */
    public Config craneliftOptLevel(OptLevel level) {
        return set("cranelift_opt_level", level);
    }

    /** Sets if NaNs have the same bits on all CPUs. Default: off, because floating point is slower with it. */
    public Config craneliftNanCanonicalization(boolean on) {
        return set("cranelift_nan_canonicalization", on);
    }

    /** Sets if several threads compile a module. Default: on. */
    public Config parallelCompilation(boolean on) {
        return set("parallel_compilation", on);
    }

    /**
     * Sets if wasm consumes fuel, about one unit per instruction, and traps with {@link TrapCode#OUT_OF_FUEL} when none
     * is left. Default: off. The same guest with the same input always stops at the same place. Wasm takes two to three
     * times as long. A Store starts without fuel: see {@link Store#setFuel}.
     */
    public Config consumeFuel(boolean on) {
        return set("consume_fuel", on);
    }

    /**
     * Sets if wasm checks the engine's epoch, in each loop and function, and stops at {@link Store#setEpochDeadline}.
     * Default: off, because wasm takes about a tenth longer. {@link Engine#incrementEpoch} or {@link #epochTick}
     * advances the epoch.
     */
    public Config epochInterruption(boolean on) {
        return set("epoch_interruption", on);
    }

    /**
     * Turns {@link #epochInterruption} on and advances the epoch once per tick, as long as an object of the engine
     * exists. {@link Store#callWithin} and {@link Store#setInterruptible} need it, and are as precise as the tick. 10
     * ms is a good choice.
     *
     * @throws IllegalArgumentException if the tick is shorter than 100 microseconds or longer than a day
     */
    public Config epochTick(Duration tick) {
        if (tick.compareTo(Duration.ofNanos(100_000)) < 0 || tick.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException("an epoch tick has to be from 100 microseconds to a day: " + tick);
        }
        return epochInterruption(true).set("epoch_tick", tick.toNanos());
    }

    /**
     * Sets the cache in which {@link Module#fromFile}, {@link Module#fromBinary} and {@link Module#fromWat} look for
     * code before they compile, and keep it afterwards. Default: {@link CodeCache#NONE}.
     */
    public Config cache(CodeCache codeCache) {
        cache = Objects.requireNonNull(codeCache, "codeCache");
        return this;
    }

    CodeCache cache() {
        return cache;
    }

    /** Sets how profilers learn the names of compiled functions. Default: {@link ProfilingStrategy#NONE}. */
    public Config profiler(ProfilingStrategy strategy) {
        return set("profiler", strategy);
    }

    /** Sets if native debuggers and profilers can unwind compiled code. Default: on. */
    public Config nativeUnwindInfo(boolean on) {
        return set("native_unwind_info", on);
    }

    /**
     * Sets if wasm frames name source lines, where the module has debug information. By default they do if the
     * environment variable {@code WASMTIME_BACKTRACE_DETAILS} is 1.
     */
    public Config wasmBacktraceDetails(boolean on) {
        return set("wasm_backtrace_details", on);
    }

    /** Sets if a {@link TrapException} carries a core dump. Default: off, because a core dump holds all memories. */
    public Config coredumpOnTrap(boolean on) {
        return set("coredump_on_trap", on);
    }

    /**
     * Sets the address space reserved for a memory, in bytes. Default: 4 GiB. Memories never move here, so none can
     * grow beyond it. With less than the default, compiled code checks each access.
     */
    public Config memoryReservation(long bytes) {
        return set("memory_reservation", bytes);
    }

    /** Sets the size of the inaccessible address space after a memory, in bytes. Default: 32 MiB. */
    public Config memoryGuardSize(long bytes) {
        return set("memory_guard_size", bytes);
    }

    /** Sets if a memory's initial contents are mapped instead of copied, which makes instances fast. Default: on. */
    public Config memoryInitCow(boolean on) {
        return set("memory_init_cow", on);
    }

    /**
     * Allows shared memories, which several threads of wasm use at once. Default: off. wasmtime supports them less than
     * other features: they get no security fixes. Wasm that waits in one ({@code memory.atomic.wait}) without a timeout
     * of its own waits until it is notified: no interrupt, epoch or {@link Store#callWithin} ends the wait.
     */
    public Config sharedMemory(boolean on) {
        return set("shared_memory", on);
    }

    /** Reserves resources for instances in advance. By default each instance allocates its own when it is created. */
    public Config allocationStrategy(PoolingAllocationConfig pooling) {
        settings.putAll(pooling.settings);
        return set("allocation_strategy", "POOLING");
    }

    /** Turns a WebAssembly feature on or off. Modules that use a feature that is off do not compile. */
    public Config wasmFeature(WasmFeature feature, boolean on) {
        return set("wasm_" + feature.name().toLowerCase(Locale.ROOT), on);
    }

    /** Sets if {@link WasmFeature#RELAXED_SIMD} gives the same results on all CPUs. Default: off. */
    public Config relaxedSimdDeterministic(boolean on) {
        return set("relaxed_simd_deterministic", on);
    }
}
