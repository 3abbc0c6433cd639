package io.github.wasmton.wasmtime;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

import io.github.wasmton.wasmtime.internal.NativeLibrary;
import io.github.wasmton.wasmtime.internal.NativeObject;
import io.github.wasmton.wasmtime.internal.TimeLimit;

/**
 * The owner of instances and of their functions, memories and other items. One thread at a time may use a Store and
 * everything that belongs to it: a second thread gets an {@link IllegalStateException} at once. A host function that
 * wasm calls may use the Store it was called from.
 *
 * <p>Close a Store when done; everything in it ends with it. A forgotten Store is closed once it is unreachable. But
 * its native side holds host functions and externrefs: if these refer back to the Store, as a lambda does that uses one
 * of its memories, the Store stays reachable until it is closed.
 */
public final class Store extends NativeObject {
    static {
        NativeLibrary.register(Store.class);
    }

    private static final Duration LONGEST = Duration.ofDays(366);

    private final Object data;
    private final CodeCache cache;

    /** Creates a Store of the engine with the default settings, which all such Stores share. */
    public Store() {
        this(null, create(0), CodeCache.NONE);
    }

    /** Creates a Store of an engine. */
    public Store(Engine engine) {
        this(null, create(handleOf(engine)), engine.cache());
    }

    /** Creates a Store of an engine with an object for host functions to find by {@link #data}. */
    public Store(Engine engine, Object data) {
        this(Objects.requireNonNull(data, "data"), create(handleOf(engine)), engine.cache());
    }

    private Store(Object data, long handle, CodeCache cache) {
        super(handle, Store::destroy);
        this.data = data;
        this.cache = cache;
        introduce(handle, this);
    }

    /**
     * Returns the object that this Store was created with.
     *
     * @throws ClassCastException    if the object is of another class
     * @throws IllegalStateException if the Store was created without one
     */
    public <T> T data(Class<T> type) {
        Objects.requireNonNull(type, "type");
        if (data == null) {
            throw new IllegalStateException("the Store was made without data: use new Store(engine, data)");
        }
        return type.cast(data);
    }

    /** Returns this Store's engine, by a new handle: closing it does not affect the Store. */
    public Engine engine() {
        return new Engine(engine(handleOf(this)), cache);
    }

    /**
     * Limits what this Store may allocate from now on. Earlier allocations stay.
     *
     * @throws IllegalStateException if the Store is closed or in use, also by this thread's own host function
     */
    public void limits(StoreLimits limits) {
        limit(handleOf(this), limits.memorySize(), limits.tableElements(), limits.instances(), limits.tables(),
                limits.memories(), limits.trapOnGrowFailure());
    }

    /**
     * Returns the last request that {@link StoreLimits} refused. This includes a guest's {@code memory.grow} and {@code
     * table.grow}, which only return -1 to the guest, and so often explains why a guest gave up.
     */
    public Optional<String> lastRefusal() {
        return Optional.of(lastRefusal(handleOf(this))).filter(refusal -> !refusal.isEmpty());
    }

    /**
     * Returns the remaining fuel.
     *
     * @throws IllegalStateException if the engine's Config has no {@link Config#consumeFuel}
     */
    public long getFuel() {
        return getFuel(handleOf(this));
    }

    /**
     * Sets the remaining fuel. A host function may do so too.
     *
     * @throws IllegalStateException if the engine's Config has no {@link Config#consumeFuel}
     */
    public void setFuel(long fuel) {
        setFuel(handleOf(this), fuel);
    }

    /**
     * Makes wasm trap with {@link TrapCode#INTERRUPT} once the engine's epoch has advanced by that many ticks, and from
     * then on until there is a new deadline. A Store starts without a deadline.
     *
     * @param ticks the number of ticks; negative for no deadline
     * @throws IllegalStateException if the engine's Config has no {@link Config#epochInterruption}
     */
    public void setEpochDeadline(long ticks) {
        setEpochDeadline(handleOf(this), ticks);
    }

    /**
     * Limits the time that this thread's calls spend in this Store, as in {@code callWithin(Duration.ofMillis(50), ()
     * -> add.call(1, 2))}. Wasm that runs past the limit ends with a {@link TrapException} with the code {@link
     * TrapCode#INTERRUPT}, within a tick of {@link Config#epochTick}. So does a guest that waits in a function
     * of WASI, within some 10 ms. Wasm that waits in a host function or for a Java stream ends when that returns; Java
     * code in {@code calls} is not interrupted. Nested calls have the earliest of their limits.
     *
     * @return what {@code calls} returns
     * @throws IllegalStateException if the engine's Config has no {@link Config#epochTick}
     */
    public <R> R callWithin(Duration limit, Supplier<R> calls) {
        Objects.requireNonNull(calls, "calls");
        long nanos = limit.compareTo(LONGEST) > 0 ? LONGEST.toNanos() : limit.toNanos();
        checkTicking(handleOf(this));
        TimeLimit timeLimit = new TimeLimit(handleOf(this), Math.max(nanos, 0));
        try {
            return calls.get();
        } finally {
            timeLimit.close();
        }
    }

    /**
     * Sets if {@link Thread#interrupt} ends wasm that runs in this Store, within a tick of {@link Config#epochTick}.
     * Default: off. The call throws a {@link TrapException} with the code {@link TrapCode#INTERRUPT}, and the thread
     * stays interrupted: {@link Thread#interrupted} tells this case from a deadline.
     *
     * @throws IllegalStateException if the engine's Config has no {@link Config#epochTick}
     */
    public void setInterruptible(boolean interruptible) {
        setInterruptible(handleOf(this), interruptible);
    }

    /**
     * Collects references that wasm no longer holds, so that the Java objects behind them can be collected too. This
     * also happens automatically after many have been created.
     */
    public void gc() {
        gc(handleOf(this));
    }

    void checkOwns(Store owner, String what) {
        if (owner != this) {
            throw new IllegalArgumentException("the " + what + " belongs to another Store");
        }
    }

    private static native long create(long engine);

    private static native void introduce(long store, Store object);

    private static native long engine(long store);

    private static native void limit(long store, long memorySize, long tableElements, long instances, long tables,
            long memories, boolean trapOnGrowFailure);

    private static native String lastRefusal(long store);

    private static native long getFuel(long store);

    private static native void setFuel(long store, long fuel);

    private static native void setEpochDeadline(long store, long ticks);

    private static native void checkTicking(long store);

    private static native void setInterruptible(long store, boolean interruptible);

    private static native void gc(long store);

    /** Releases one pin of {@link Memory#buffer}. */
    static native void unpin(long store);

    private static native void destroy(long store);
}
