package io.github.wasmton.decaton;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import com.linecorp.decaton.processor.DecatonProcessor;

import io.github.wasmton.guest.GuestPool;
import io.github.wasmton.guest.InvalidGuestException;
import io.github.wasmton.internal.engine.AsyncTaskProcessor;
import io.github.wasmton.internal.engine.InFlightTasks;
import io.github.wasmton.internal.engine.decaton.AsyncProcessor;
import io.github.wasmton.internal.run.AsyncTaskRunner;

/**
 * Decaton processors that have many tasks under way at once without a thread each, for a {@code ProcessorsBuilder} of
 * your own: what {@link WasmtonProcessor} is for one task a thread. The guest is a component. Tasks with the same key
 * go one after the other; each record's completion is deferred until its task is complete, so that Decaton commits no
 * offset behind one that is not.
 *
 * <p>Give this as the supplier, with {@code ProcessorScope.THREAD}; the threads only hand tasks on, so one a partition
 * does. What becomes of a task that fails is said by the handler of failures. After one that can go nowhere no further
 * task is started, and {@code onStop} is told.
 *
 * <pre>{@code
 * CompletableFuture<Void> stopped = new CompletableFuture<>();
 * try (GuestModule module = GuestModule.load(Path.of("processor.wasm"), options);
 *      WasmtonRuntime runtime = WasmtonRuntime.of(module, FailureOptions.DEFAULT, kafka);
 *      AsyncWasmtonProcessor processors = new AsyncWasmtonProcessor(runtime, 1_000, () -> stopped.complete(null))) {
 *     ProcessorSubscription subscription = SubscriptionBuilder
 *             .newBuilder("my-processor")
 *             .consumerConfig(consumerConfig)
 *             .processorsBuilder(ProcessorsBuilder
 *                     .consuming("my-topic", new ByteArrayDeserializer())
 *                     .thenProcess(processors, ProcessorScope.THREAD))
 *             .buildAndStart();
 *     stopped.join();
 *     processors.end(Duration.ofSeconds(30));
 *     subscription.close();
 * }
 * }</pre>
 *
 * <p>Leave {@code decaton.logging.mdc.enabled} on, as for {@link WasmtonProcessor}, and
 * {@code decaton.deferred.complete.timeout.ms} as it is: it would count tasks as done that are not.
 */
public final class AsyncWasmtonProcessor implements Supplier<DecatonProcessor<byte[]>>, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AsyncWasmtonProcessor.class);

    private final AsyncTaskProcessor runner;
    private final InFlightTasks tasks;
    private final AtomicBoolean told = new AtomicBoolean();

    /**
     * Makes processors for at most {@code limit} tasks at once, including those that wait for their key or their next
     * attempt. The caller closes the runtime after this.
     *
     * @param onStop called once, on any thread, when a task failed that can go nowhere;
     *               {@link WasmtonRuntime#stopReason} says which one and why. Must not block
     * @throws InvalidGuestException if the module is a core module, which occupies a thread while it waits
     */
    public AsyncWasmtonProcessor(WasmtonRuntime runtime, int limit, Runnable onStop) {
        runner = new AsyncTaskRunner(new GuestPool(runtime.module(), limit), runtime.context());
        tasks = new InFlightTasks(runner, limit, () -> {
            if (told.compareAndSet(false, true)) {
                tell(onStop);
            }
        });
    }

    private static void tell(Runnable onStop) {
        try {
            onStop.run();
        } catch (RuntimeException | Error e) {
            log.error("The handler of a stop failed itself", e);
        }
    }

    /** Returns a processor for one thread. */
    @Override
    public DecatonProcessor<byte[]> get() {
        return new AsyncProcessor<>(new LoggedPlace(true), tasks);
    }

    /**
     * Starts no more tasks, and waits up to {@code limit} for those in progress; tasks that wait for their next attempt
     * are left open. Call it before the subscription is closed, which then commits what is complete. Any thread may
     * call it at any time.
     *
     * @return whether all tasks that were in progress have ended
     * @throws InterruptedException if this thread is interrupted while it waits
     */
    public boolean end(Duration limit) throws InterruptedException {
        runner.end();
        tasks.stop();
        return tasks.awaitIdle(limit.toNanos());
    }

    /** Abandons the tasks still in progress: they come again at the next start. Call it after the subscription's. */
    @Override
    public void close() {
        tasks.stop();
        runner.close();
    }
}
