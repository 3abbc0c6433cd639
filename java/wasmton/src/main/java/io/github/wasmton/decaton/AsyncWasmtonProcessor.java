package io.github.wasmton.decaton;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import com.linecorp.decaton.processor.Completion;
import com.linecorp.decaton.processor.DecatonProcessor;
import com.linecorp.decaton.processor.ProcessingContext;

import io.github.wasmton.failure.FailureHandler;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestPool;
import io.github.wasmton.guest.InvalidGuestException;
import io.github.wasmton.internal.engine.AsyncTaskProcessor;
import io.github.wasmton.internal.engine.InFlightTasks;
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
 *      FailureHandler failures = FailureHandler.of(FailureOptions.DEFAULT, module, kafka);
 *      AsyncWasmtonProcessor processors = new AsyncWasmtonProcessor(module, failures, 1_000, () -> stopped.complete(null))) {
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
     * For so many tasks at once, those that wait for their key or their next attempt included.
     *
     * @param module   to be closed after this
     * @param failures to be closed after this; its {@link FailureHandler#stopReason} says which task stopped and why
     * @param onStop   told once, on whatever thread, when a task failed that can go nowhere. Must not block
     * @throws InvalidGuestException if the module is a core module: one of those occupies a thread while it waits
     */
    public AsyncWasmtonProcessor(GuestModule module, FailureHandler failures, int limit, Runnable onStop) {
        runner = new AsyncTaskRunner(new GuestPool(module, limit), failures);
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

    /** A processor for one thread. */
    @Override
    public DecatonProcessor<byte[]> get() {
        return new OfThread();
    }

    /**
     * Starts no more tasks, and waits so long for those under way; what waits for its next attempt is left open. To be
     * called before the subscription is closed, which then commits what is complete. Any thread, any time.
     *
     * @return whether all tasks that were under way have ended
     * @throws InterruptedException if this thread is interrupted while it waits
     */
    public boolean end(Duration limit) throws InterruptedException {
        runner.end();
        tasks.stop();
        return tasks.awaitIdle(limit.toNanos());
    }

    /** Abandons what is still under way: it comes again at the next start. To be called after the subscription's. */
    @Override
    public void close() {
        tasks.stop();
        runner.close();
    }

    private final class OfThread implements DecatonProcessor<byte[]> {
        private final InFlightTasks.Source source = new InFlightTasks.Source();

        @Override
        public void process(ProcessingContext<byte[]> context, byte[] task) throws InterruptedException {
            Completion completion = context.deferCompletion();
            tasks.add(WasmtonProcessor.task(context, task), source, completion::complete, Long.MAX_VALUE);
        }

        @Override
        public String name() {
            return "WasmtonProcessor";
        }

        /** The partition goes: what waits for its key comes again elsewhere. */
        @Override
        public void close() {
            tasks.forget(source);
        }
    }
}
