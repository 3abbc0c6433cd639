package io.github.wasmton.wasmtime;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

import io.github.wasmton.wasmtime.internal.NativeLibrary;
import io.github.wasmton.wasmtime.internal.NativeObject;
import io.github.wasmton.wasmtime.internal.TimeLimit;

/**
 * What instances live in, with their functions and memories. One thread at a time uses a Store and what belongs to it:
 * a second one gets an {@link IllegalStateException} at once. A host function that wasm calls may use the Store it was
 * called from.
 *
 * <p>Close it when done; all that lives in it goes with it. A Store that is forgotten is closed once it can be reached
 * no more. But host functions and externrefs are held by the Store's native side: if what they refer to leads to the
 * Store itself, as a lambda that uses one of its memories does, it can be reached until it is closed.
 */
public final class Store extends NativeObject {
    static {
        NativeLibrary.register(Store.class);
    }

    private static final Duration LONGEST = Duration.ofDays(366);

    private final Object data;
    private final CodeCache cache;

    /** A Store of the engine with the default settings, which all such Stores share. */
    public Store() {
        this(null, create(0), CodeCache.NONE);
    }

    /** A Store of that engine. */
    public Store(Engine engine) {
        this(null, create(handleOf(engine)), engine.cache());
    }

    /** A Store of that engine that carries an object of the user's, for host functions to find: {@link #data}. */
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
     * The object that this Store was made with.
     *
     * @throws ClassCastException    if it is of another class
     * @throws IllegalStateException if there is none
     */
    public <T> T data(Class<T> type) {
        Objects.requireNonNull(type, "type");
        if (data == null) {
            throw new IllegalStateException("the Store was made without data");
        }
        return type.cast(data);
    }

    /** This Store's engine, as a handle of its own: closing it leaves the Store alone. */
    public Engine engine() {
        return new Engine(engine(handleOf(this)), cache);
    }

    /**
     * Limits what this Store may take from now on. What it has already stays.
     *
     * @throws IllegalStateException if the Store is closed or in use, also by this thread's own host function
     */
    public void limits(StoreLimits limits) {
        limit(handleOf(this), limits.memorySize(), limits.tableElements(), limits.instances(), limits.tables(),
                limits.memories(), limits.trapOnGrowFailure());
    }

    /**
     * What {@link StoreLimits} refused last, a guest's {@code memory.grow} and {@code table.grow} included, which only
     * return -1 to it: why a guest gave up, most likely.
     */
    public Optional<String> lastRefusal() {
        return Optional.of(lastRefusal(handleOf(this))).filter(refusal -> !refusal.isEmpty());
    }

    /**
     * The fuel that is left.
     *
     * @throws IllegalStateException if the engine's Config has no {@link Config#consumeFuel}
     */
    public long getFuel() {
        return getFuel(handleOf(this));
    }

    /**
     * Sets the fuel that is left. A host function may do so too.
     *
     * @throws IllegalStateException if the engine's Config has no {@link Config#consumeFuel}
     */
    public void setFuel(long fuel) {
        setFuel(handleOf(this), fuel);
    }

    /**
     * Lets wasm trap with {@link TrapCode#INTERRUPT} so many ticks of the engine's epoch from now, and for ever after
     * until there is a new deadline. A Store starts without one.
     *
     * @param ticks negative for no deadline
     * @throws IllegalStateException if the engine's Config has no {@link Config#epochInterruption}
     */
    public void setEpochDeadline(long ticks) {
        setEpochDeadline(handleOf(this), ticks);
    }

    /**
     * Lets this thread call into this Store for so long at most, as in
     * {@code callWithin(Duration.ofMillis(50), () -> add.call(1, 2))}. Wasm that is running then ends with a
     * {@link TrapException} of the code {@link TrapCode#INTERRUPT}, within a tick of {@link Config#epochTick}. Wasm
     * that waits in a host function ends when that returns; Java in {@code calls} does not end. One call inside of
     * another has the earlier of both ends.
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
     * Whether {@link Thread#interrupt} ends wasm that runs in this Store, within a tick of {@link Config#epochTick};
     * off at first. The call throws a {@link TrapException} of the code {@link TrapCode#INTERRUPT}, and the thread is
     * still interrupted: {@link Thread#interrupted} tells it from a deadline.
     *
     * @throws IllegalStateException if the engine's Config has no {@link Config#epochTick}
     */
    public void setInterruptible(boolean interruptible) {
        setInterruptible(handleOf(this), interruptible);
    }

    /**
     * Collects the references that wasm does not hold any more, so that the Java objects behind them can be collected
     * too. It happens by itself when many have been made.
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

    /** Takes back one pin of {@link Memory#buffer}. */
    static native void unpin(long store);

    private static native void destroy(long store);
}
