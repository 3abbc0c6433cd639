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
import io.github.wasmton.internal.run.Settlement;

/**
 * A supplier of Decaton processors that have many tasks in flight at once without a thread each, for a
 * {@code ProcessorsBuilder} of your own. {@link WasmtonProcessor} does the same with one task a thread. The guest is a
 * component. Tasks with the same key are processed one after the other; each record's completion is deferred until its
 * task is complete, so Decaton commits no offset behind an open one.
 *
 * <p>Use it with {@code ProcessorScope.THREAD}. The threads only hand tasks on, so one for each partition is enough.
 * The {@link WasmtonRuntime} decides about tasks that fail. After one that can go nowhere no further task is started,
 * and {@code onStop} is called.
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
    private final Settlement settlement;
    private final Runnable onStop;
    private final AtomicBoolean stopped = new AtomicBoolean();

    /**
     * Makes processors for at most {@code limit} tasks at once, including those that wait for their key or their next
     * attempt. The caller closes the runtime after this.
     *
     * @param onStop called once, on any thread, when a task failed that can go nowhere;
     *               {@link WasmtonRuntime#stopReason} says which one and why. Must not block
     * @throws InvalidGuestException if the module is a core module, which occupies a thread while it waits
     * @throws IllegalArgumentException if the runtime has {@link DecatonOptions#withDownstream}
     */
    public AsyncWasmtonProcessor(WasmtonRuntime runtime, int limit, Runnable onStop) {
        if (runtime.context().downstream() != null) {
            throw new IllegalArgumentException("AsyncWasmtonProcessor passes nothing on to the next processor "
                    + "(DecatonOptions.withDownstream); WasmtonProcessor does");
        }
        runner = new AsyncTaskRunner(new GuestPool(runtime.module(), limit), runtime.context());
        settlement = runtime.context().settlement();
        this.onStop = onStop;
        tasks = new InFlightTasks(runner, limit, this::stop);
    }

    private void stop() {
        if (!stopped.compareAndSet(false, true)) {
            return;
        }
        try {
            onStop.run();
        } catch (RuntimeException | Error e) {
            log.error("The handler of a stop failed itself", e);
        }
    }

    private void failed(Throwable e) {
        settlement.stop(e);
        stop();
    }

    /** Returns a processor for one thread. */
    @Override
    public DecatonProcessor<byte[]> get() {
        return new AsyncProcessor<>(new LoggedPlace(true), tasks, () -> false, this::failed);
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
