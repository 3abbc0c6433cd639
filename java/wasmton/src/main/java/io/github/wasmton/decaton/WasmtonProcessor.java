package io.github.wasmton.decaton;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

import com.linecorp.decaton.processor.DecatonProcessor;
import com.linecorp.decaton.processor.LoggingContext;
import com.linecorp.decaton.processor.ProcessingContext;
import com.linecorp.decaton.processor.TaskMetadata;

import io.github.wasmton.failure.FailureHandler;
import io.github.wasmton.failure.FailureOptions;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.InvalidGuestException;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.Decision;
import io.github.wasmton.internal.engine.GuardedProcessor;
import io.github.wasmton.internal.engine.TaskProcessor;
import io.github.wasmton.internal.kafka.RecordHeaders;
import io.github.wasmton.internal.run.TaskRunner;

/**
 * A Decaton processor whose logic is a WebAssembly file, for a {@code ProcessorsBuilder} of your own. One instance
 * serves one thread: use it with {@code ProcessorScope.THREAD}. For a guest that waits for the network there is
 * {@link AsyncWasmtonProcessor}, which has many tasks under way at once.
 *
 * <p>When a task fails, Decaton itself would log that and count the task as done. This processor does not let that
 * happen. What becomes of the task is said by {@link FailureOptions}: as a rule it is tried three times, goes to the
 * dead-letter topic if there is one, and counts as done when it is acknowledged there. A task that can go nowhere is
 * left open, and so are all that come after it on its thread, so that their offsets are never committed; and
 * {@code onStop} is told. The application then closes the subscription; the next start gets the task again. Until then
 * other threads go on, and what they process behind the failed task comes again as well.
 *
 * <pre>{@code
 * CompletableFuture<Task> stopped = new CompletableFuture<>();
 * FailureOptions options = FailureOptions.DEFAULT.withDeadLetterTopic("my-topic-dead");
 * try (GuestModule module = GuestModule.load(Path.of("processor.wasm"), GuestOptions.DEFAULT);
 *      FailureHandler failures = FailureHandler.of(options, module, Map.of("bootstrap.servers", "localhost:9092"))) {
 *     ProcessorSubscription subscription = SubscriptionBuilder
 *             .newBuilder("my-processor")
 *             .consumerConfig(consumerConfig)
 *             .processorsBuilder(ProcessorsBuilder
 *                     .consuming("my-topic", new ByteArrayDeserializer())
 *                     .thenProcess(() -> new WasmtonProcessor(module, failures, stopped::complete),
 *                             ProcessorScope.THREAD))
 *             .buildAndStart();
 *     stopped.join();          // not in onStop itself: closing waits for the thread that calls it
 *     failures.endWaits();     // no task waits for its next attempt any more
 *     subscription.close();
 * }
 * System.exit(1);
 * }</pre>
 *
 * <p>With {@code decaton.processing.shutdown.timeout.ms} above 0, that {@code close} waits so long for the tasks that
 * were left open. A tombstone reaches a processor only through a {@code TaskExtractor}: with a deserializer Decaton
 * drops it. Log lines and dead letters take topic, partition and offset from Decaton's logging context, so leave
 * {@code decaton.logging.mdc.enabled} on.
 */
public final class WasmtonProcessor implements DecatonProcessor<byte[]> {
    private static final Logger log = LoggerFactory.getLogger(WasmtonProcessor.class);

    private final TaskProcessor runner;
    private final Consumer<Task> onStop;
    private final Runnable release;
    private final boolean component;
    private final AtomicBoolean closed = new AtomicBoolean();
    private ProcessingContext<byte[]> context;
    private boolean over;

    /**
     * Loads a guest that is granted nothing but {@link GuestOptions#DEFAULT}.
     *
     * @throws InvalidGuestException as {@link #WasmtonProcessor(Path, GuestOptions, Consumer)}
     */
    public WasmtonProcessor(String wasmPath) {
        this(Path.of(wasmPath), GuestOptions.DEFAULT);
    }

    /** The same, and tells nobody of a failure, but for the log. */
    public WasmtonProcessor(Path wasm, GuestOptions options) {
        this(wasm, options, task -> { });
    }

    /**
     * Loads a guest. The file is compiled once for all processors with this path and these options that exist at the
     * same time; the last one to be closed frees it. Decaton makes processors on the thread that polls Kafka, where the
     * first one's compilation (0.1 s to many seconds) holds everything up: a {@link GuestModule} that was loaded before
     * avoids that.
     *
     * @param onStop told once, by the processing thread, when a task failed; the task's partition and offset are -1
     *               where Decaton did not tell them
     * @throws InvalidGuestException where the file cannot serve as a guest; in a supplier this ends the subscription
     * @throws IllegalArgumentException where the guest may produce records: that takes a {@link FailureHandler} with a
     *                                  connection to Kafka, which another constructor has
     */
    public WasmtonProcessor(Path wasm, GuestOptions options, Consumer<Task> onStop) {
        this(SharedModules.acquire(wasm, options), onStop, SharedModules::release);
    }

    /** Uses that module, which the caller closes once all processors are closed, and {@link FailureOptions#DEFAULT}. */
    public WasmtonProcessor(GuestModule module, Consumer<Task> onStop) {
        this(module, onStop, shared -> { });
    }

    /** Uses that module and that handler of failures, which the caller closes once all processors are closed. */
    public WasmtonProcessor(GuestModule module, FailureHandler failures, Consumer<Task> onStop) {
        this(module, failures, onStop, () -> { });
    }

    private WasmtonProcessor(GuestModule module, Consumer<Task> onStop, Consumer<GuestModule> release) {
        this(module, failures(module, release), onStop, () -> release.accept(module));
    }

    private static FailureHandler failures(GuestModule module, Consumer<GuestModule> release) {
        try {
            return FailureHandler.of(FailureOptions.DEFAULT, module, Map.of());
        } catch (IllegalArgumentException e) {
            release.accept(module);
            throw e;
        }
    }

    private WasmtonProcessor(GuestModule module, FailureHandler failures, Consumer<Task> onStop, Runnable release) {
        this.runner = new GuardedProcessor(new TaskRunner(module, failures, this::whole));
        this.onStop = onStop;
        this.release = release;
        this.component = module.component();
    }

    @Override
    public void process(ProcessingContext<byte[]> context, byte[] task) {
        if (over) {
            context.deferCompletion();
            return;
        }
        this.context = context;
        // What else there is to a task is looked up when it fails, unless the guest gets to see it.
        Task handed = component ? task(context, task) : bare(task);
        Decision decision = runner.process(handed);
        if (decision != Decision.COMPLETE) {
            over = true;
            context.deferCompletion();
        }
        if (decision == Decision.STOP) {
            tellStop(component ? handed : whole(handed));
        }
        this.context = null;
    }

    private void tellStop(Task task) {
        try {
            onStop.accept(task);
        } catch (RuntimeException | Error e) {
            log.error("The handler of the failure of {} failed itself", task, e);
        }
    }

    private static Task bare(byte[] task) {
        return new Task("unknown", -1, -1, task);
    }

    /** Everything that is known of the task that this thread is processing. */
    private Task whole(Task task) {
        return whole(context, task);
    }

    /** The same, on the thread to which Decaton gave the task with that context. */
    static Task task(ProcessingContext<byte[]> context, byte[] task) {
        return whole(context, bare(task));
    }

    private static Task whole(ProcessingContext<byte[]> context, Task task) {
        TaskMetadata metadata = context.metadata();
        String topic = MDC.get(LoggingContext.TOPIC_KEY);
        String partition = MDC.get(LoggingContext.PARTITION_KEY);
        String offset = MDC.get(LoggingContext.OFFSET_KEY);
        boolean placed = topic != null && partition != null && offset != null;
        return new Task(placed ? topic : task.topic(), placed ? Integer.parseInt(partition) : task.partition(),
                placed ? Long.parseLong(offset) : task.offset(), metadata.timestampMillis(), context.key(),
                task.value(), RecordHeaders.of(context.headers()), (int) metadata.retryCount() + 1);
    }

    @Override
    public String name() {
        return "WasmtonProcessor";
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            runner.close();
            release.run();
        }
    }
}
