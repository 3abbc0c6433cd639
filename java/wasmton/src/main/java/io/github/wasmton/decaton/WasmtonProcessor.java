package io.github.wasmton.decaton;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import com.linecorp.decaton.processor.DecatonProcessor;
import com.linecorp.decaton.processor.ProcessingContext;

import io.github.wasmton.failure.FailureOptions;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.Protocol;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.InvalidGuestException;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.decaton.SyncProcessor;
import io.github.wasmton.internal.run.Settlement;
import io.github.wasmton.internal.run.TaskRunner;

/**
 * A Decaton processor whose logic is a WebAssembly file, for a {@code ProcessorsBuilder} of your own. It processes one
 * task at a time on each of Decaton's threads. For a guest that waits for the network there is
 * {@link AsyncWasmtonProcessor}, which has many tasks in flight at once.
 *
 * <p>Any {@code ProcessorScope} is safe: threads that share a processor have a guest each. {@code THREAD} is the one
 * that needs no lock, and closes a guest with its thread.
 *
 * <p>When a task fails, Decaton itself would log that and count the task as done. This processor prevents that.
 * {@link FailureOptions} decide about the task: by default it is tried three times, goes to the dead-letter topic if
 * there is one, and counts as done when it is acknowledged there. A task that can go nowhere is left open, and so are
 * all that come to this processor after it, so that their offsets are never committed; {@code onStop} receives it. The
 * application then closes the subscription; the next start gets the task again. Until then other threads go on, and
 * what they process behind the failed task comes again as well.
 *
 * <pre>{@code
 * CompletableFuture<Task> stopped = new CompletableFuture<>();
 * FailureOptions options = FailureOptions.DEFAULT.withDeadLetterTopic("my-topic-dead");
 * try (GuestModule module = GuestModule.load(Path.of("processor.wasm"), GuestOptions.DEFAULT);
 *      WasmtonRuntime runtime = WasmtonRuntime.of(module, options, Map.of("bootstrap.servers", "localhost:9092"))) {
 *     ProcessorSubscription subscription = SubscriptionBuilder
 *             .newBuilder("my-processor")
 *             .consumerConfig(consumerConfig)
 *             .processorsBuilder(ProcessorsBuilder
 *                     .consuming("my-topic", new ByteArrayDeserializer())
 *                     .thenProcess(() -> new WasmtonProcessor(runtime, stopped::complete),
 *                             ProcessorScope.THREAD))
 *             .buildAndStart();
 *     stopped.join();          // not in onStop itself: closing waits for the thread that calls it
 *     runtime.endWaits();      // no task waits for its next attempt any more
 *     subscription.close();
 * }
 * System.exit(1);
 * }</pre>
 *
 * <p>With {@code decaton.processing.shutdown.timeout.ms} above 0, that {@code close} waits that long for the tasks that
 * were left open. A tombstone reaches a processor only through a {@code TaskExtractor}: with a deserializer Decaton
 * drops it.
 *
 * <p>{@link DecatonOptions} let outputs go to the next processor of the chain, and retries to Decaton's retry topic.
 *
 * <p>Topic, partition and offset of a task come from Decaton's logging context, also for a task that a processor in
 * front pushed from a thread of its own. Without them a dead letter could not be replayed, so the processor refuses to
 * process anything: leave {@code decaton.logging.mdc.enabled} on, and use a logging provider that has an MDC.
 */
public final class WasmtonProcessor implements DecatonProcessor<byte[]> {
    private static final Logger log = LoggerFactory.getLogger(WasmtonProcessor.class);

    private final SyncProcessor<byte[]> processor;
    private final Consumer<Task> onStop;
    private final Runnable release;
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * Loads a guest that is granted nothing but {@link GuestOptions#DEFAULT}.
     *
     * @throws InvalidGuestException as {@link #WasmtonProcessor(Path, GuestOptions, Consumer)}
     */
    public WasmtonProcessor(String wasmPath) {
        this(Path.of(wasmPath), GuestOptions.DEFAULT);
    }

    /**
     * Loads a guest. Failures are logged, and reported to nobody else.
     *
     * @throws InvalidGuestException as {@link #WasmtonProcessor(Path, GuestOptions, Consumer)}
     */
    public WasmtonProcessor(Path wasm, GuestOptions options) {
        this(wasm, options, task -> { });
    }

    /**
     * Loads a guest. Processors with the same path and options compile the file once; the last one to be closed frees
     * it. Decaton makes processors on the thread that polls Kafka, which the first compilation (0.1 s to many seconds)
     * holds up: a {@link GuestModule} that was loaded before avoids that.
     *
     * @param onStop receives, once and on the processing thread, a task that failed and can go nowhere
     * @throws InvalidGuestException if the file cannot serve as a guest; in a supplier this ends the subscription
     * @throws IllegalArgumentException if the guest may produce records: that takes a {@link WasmtonRuntime}, which has
     *                                  a connection to Kafka
     */
    public WasmtonProcessor(Path wasm, GuestOptions options, Consumer<Task> onStop) {
        this(SharedModules.acquire(wasm, options), onStop, SharedModules::release);
    }

    /**
     * Makes a processor that treats failures by {@link FailureOptions#DEFAULT}. The caller closes the module once all
     * processors are closed.
     *
     * @param onStop receives, once and on the processing thread, a task that failed and can go nowhere
     */
    public WasmtonProcessor(GuestModule module, Consumer<Task> onStop) {
        this(module, onStop, shared -> { });
    }

    /**
     * Makes a processor. The caller closes the runtime once all processors are closed.
     *
     * @param onStop receives, once and on the processing thread, a task that failed and can go nowhere
     */
    public WasmtonProcessor(WasmtonRuntime runtime, Consumer<Task> onStop) {
        this(runtime, onStop, () -> { });
    }

    private WasmtonProcessor(GuestModule module, Consumer<Task> onStop, Consumer<GuestModule> release) {
        this(runtime(module, release), onStop, () -> release.accept(module));
    }

    private static WasmtonRuntime runtime(GuestModule module, Consumer<GuestModule> release) {
        try {
            return WasmtonRuntime.of(module, FailureOptions.DEFAULT, Map.of());
        } catch (IllegalArgumentException e) {
            release.accept(module);
            throw e;
        }
    }

    private WasmtonProcessor(WasmtonRuntime runtime, Consumer<Task> onStop, Runnable release) {
        this.onStop = onStop;
        this.release = release;
        GuestModule module = runtime.module();
        this.processor = new SyncProcessor<>(new LoggedPlace(module.protocol() != Protocol.ZERO),
                task -> new TaskRunner(module, runtime.context(), task::whole, task::push), () -> false,
                new Stop(runtime.context().settlement()));
    }

    private final class Stop implements SyncProcessor.Listener {
        private final Settlement settlement;

        Stop(Settlement settlement) {
            this.settlement = settlement;
        }

        @Override
        public void stopped(Task task) {
            try {
                onStop.accept(task);
            } catch (RuntimeException | Error e) {
                log.error("The handler of the failure of {} failed itself", task, e);
            }
        }

        @Override
        public void failed(Throwable e) {
            settlement.stop(e);
            stopped(new Task(LoggedPlace.UNKNOWN, -1, -1, null));
        }
    }

    @Override
    public void process(ProcessingContext<byte[]> context, byte[] task) {
        processor.process(context, task);
    }

    @Override
    public String name() {
        return "WasmtonProcessor";
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            processor.close();
            release.run();
        }
    }
}
