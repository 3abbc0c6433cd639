package io.github.wasmton.wasmtime.component;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

import io.github.wasmton.wasmtime.TrapException;
import io.github.wasmton.wasmtime.component.InstanceResources.Owner;
import io.github.wasmton.wasmtime.internal.NativeLibrary;
import io.github.wasmton.wasmtime.internal.NativeObject;
import io.github.wasmton.wasmtime.internal.TimeLimit;

/**
 * Calls whose callers do not wait. Rust runs them on threads of its own, which never call Java. A Java thread waits for
 * events that need Java, and a pool handles them. Thread and pool end when nothing is left to do.
 */
final class AsyncCalls {
    static {
        NativeLibrary.register(AsyncCalls.class);
    }

    /** More than processors, since user code that blocks may run on them; few enough for any service. */
    private static final int THREADS = 16;
    /** Compensates for threads of the pool that wait for futures of each other. */
    private static final int MOST_THREADS = 256;

    private static final Map<Long, Pending<?>> PENDING = new ConcurrentHashMap<>();
    private static final AtomicLong NUMBERS = new AtomicLong();
    private static final Object LISTENING = new Object();
    /** Guarded by {@link #LISTENING}. */
    private static boolean isListening;

    private static final AtomicInteger THREAD_NUMBERS = new AtomicInteger();
    private static final ForkJoinPool POOL = new ForkJoinPool(THREADS, AsyncCalls::newThread, null, true, 0,
            MOST_THREADS, 1, null, 10, TimeUnit.SECONDS);

    private AsyncCalls() {}

    /** A call that has not ended. It keeps its Store and instance reachable. */
    private record Pending<T>(Owner owner, CompletableFuture<T> future, Function<byte[], T> reader,
            Runnable afterwards) {
        void end(byte[] values, Throwable failure) {
            try {
                afterwards.run();
                if (failure != null) {
                    future.completeExceptionally(failure);
                } else {
                    future.complete(reader.apply(values));
                }
            } catch (Throwable e) {
                future.completeExceptionally(e);
            }
        }
    }

    /** Begins a call in Rust, by its number. */
    private interface Begin {
        void begin(long store, long number);
    }

    /** Begins a call with written arguments. */
    static CompletableFuture<Object> begin(ComponentInstance instance, int func, Plan plan, PackedWriter arguments) {
        return begin(new Pending<>(new Owner(instance.store(), instance), new CompletableFuture<>(),
                values -> plan.readResult(new PackedReader(values, null, instance.resources())),
                arguments::runAfterwards),
                (handle, number) -> begin(handle, func, arguments.packed(), number, TimeLimit.left(handle)));
    }

    private static <T> CompletableFuture<T> begin(Pending<T> pending, Begin begin) {
        Long number = NUMBERS.incrementAndGet();
        PENDING.put(number, pending);
        boolean begun = false;
        try {
            listen();
            begin.begin(NativeObject.handleOf(pending.owner.store()), number);
            begun = true;
        } catch (TrapException e) {
            pending.future.completeExceptionally(e);
        } finally {
            if (!begun) {
                PENDING.remove(number);
                pending.afterwards.run();
            }
        }
        return pending.future;
    }

    /** Waits for a result; a failure is thrown as the same object. */
    static Object await(CompletableFuture<Object> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            throw Resources.sneaky(e.getCause());
        }
    }

    /** Gives a component the result of a function that returned a stage, when that completes. */
    static void answerLater(Plan plan, CompletionStage<?> stage, long answer, InstanceResources resources) {
        answerLater(stage, answer, value -> plan.writeResult(value, resources), failure -> plan.canFail
                && failure instanceof ComponentException e ? plan.writeError(e, resources) : null);
    }

    /** Returns the number by which a component gets a future. */
    static long promise(CompletionStage<?> stage, Codec codec, InstanceResources resources) {
        long[] numbers = new long[2];
        promise(numbers);
        answerLater(stage, numbers[1], value -> {
            PackedWriter out = new PackedWriter(codec.size(), false, resources);
            codec.write(out, value);
            return out.packed();
        }, failure -> null);
        return numbers[0];
    }

    private static void answerLater(CompletionStage<?> stage, long answer, Function<Object, byte[]> writer,
            Function<Throwable, byte[]> errorWriter) {
        stage.whenComplete((value, failure) -> {
            try {
                Throwable cause = failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause() : failure;
                byte[] values = cause == null ? writer.apply(value) : errorWriter.apply(cause);
                if (values == null) {
                    fail(answer, cause);
                } else {
                    answer(answer, values);
                }
            } catch (Throwable e) {
                fail(answer, e);
            }
        });
    }

    /** Returns the value of a component's future. */
    static CompletableFuture<Object> value(long number, Codec codec, InstanceResources resources) {
        Pending<Object> pending = new Pending<>(resources.owner(), new CompletableFuture<>(),
                values -> codec.read(new PackedReader(values, null, resources)), () -> { });
        Pending<?> early = PENDING.putIfAbsent(number, pending);
        if (early != null) {
            PENDING.remove(number);
            early.future.whenComplete((values, failure) -> pending.end((byte[]) values, failure));
        } else {
            listen();
        }
        return pending.future;
    }

    /** Begins a read of a component's stream. */
    static CompletableFuture<byte[]> read(Owner owner, ComponentStream stream, int most) {
        return begin(new Pending<>(owner, new CompletableFuture<>(), Function.identity(), () -> { }),
                (handle, number) -> read(handle, NativeObject.handleOf(stream), most, number));
    }

    /** Begins a write to a stream that a component reads. The result is empty if the component takes no more. */
    static CompletableFuture<byte[]> write(Owner owner, ComponentStream stream, byte[] bytes) {
        return begin(new Pending<>(owner, new CompletableFuture<>(), Function.identity(), () -> { }),
                (handle, number) -> write(handle, NativeObject.handleOf(stream), bytes, number));
    }

    private static void end(long number, byte[] values, Throwable failure) {
        Pending<?> pending = PENDING.remove(number);
        if (pending == null && number < 0) {
            // The value of a future that Java has not read yet.
            CompletableFuture<byte[]> early = new CompletableFuture<>();
            Pending<byte[]> kept = new Pending<>(null, early, Function.identity(), () -> { });
            kept.end(values, failure);
            pending = PENDING.putIfAbsent(number, kept);
            if (pending != null) {
                PENDING.remove(number);
            }
        }
        if (pending != null) {
            pending.end(values, failure);
        }
    }

    private static void listen() {
        synchronized (LISTENING) {
            if (!isListening) {
                Thread thread = new Thread(AsyncCalls::dispatch, "wasmtime-async");
                thread.setDaemon(true);
                thread.start();
                isListening = true;
            }
        }
    }

    private static void dispatch() {
        while (true) {
            int count = awaitEvents();
            for (int i = 0; i < count; i++) {
                POOL.execute(AsyncCalls::handleEvent);
            }
            if (count == 0) {
                synchronized (LISTENING) {
                    if (PENDING.isEmpty()) {
                        isListening = false;
                        return;
                    }
                }
            }
        }
    }

    private static void handleEvent() {
        long[][] calls = new long[1][];
        byte[] values = null;
        Throwable failure = null;
        try {
            values = next(calls);
        } catch (Throwable e) {
            failure = e;
        }
        if (calls[0] == null && failure != null) {
            throw Resources.sneaky(failure);
        }
        if (calls[0] != null) {
            for (long number : calls[0]) {
                end(number, values, failure);
            }
        }
    }

    private static ForkJoinWorkerThread newThread(ForkJoinPool pool) {
        ForkJoinWorkerThread thread = ForkJoinPool.defaultForkJoinWorkerThreadFactory.newThread(pool);
        thread.setName("wasmtime-async-" + THREAD_NUMBERS.incrementAndGet());
        return thread;
    }

    private static native void begin(long store, int func, byte[] values, long call, long nanos);

    /** Waits a while for events, and returns how many have come since. */
    private static native int awaitEvents();

    /** Does the next event. If that is the end of calls, returns their result or throws their failure. */
    private static native byte[] next(long[][] calls);

    private static native void promise(long[] numbers);

    /** Forgets a promise that no component has got. */
    static native void forget(long promise);

    /** Makes a stream for a component to read, and returns its handle. */
    static native long createStream();

    private static native void read(long store, long stream, int most, long call);

    private static native void write(long store, long stream, byte[] bytes, long call);

    static native void closeStream(long stream);

    private static native void answer(long answer, byte[] values);

    private static native void fail(long answer, Throwable exception);
}
