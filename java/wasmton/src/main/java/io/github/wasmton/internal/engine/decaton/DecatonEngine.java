package io.github.wasmton.internal.engine.decaton;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import com.linecorp.decaton.processor.DecatonProcessor;
import com.linecorp.decaton.processor.TaskMetadata;
import com.linecorp.decaton.processor.runtime.ConsumedRecord;
import com.linecorp.decaton.processor.runtime.DecatonTask;
import com.linecorp.decaton.processor.runtime.DynamicProperty;
import com.linecorp.decaton.processor.runtime.ProcessorProperties;
import com.linecorp.decaton.processor.runtime.ProcessorScope;
import com.linecorp.decaton.processor.runtime.ProcessorSubscription;
import com.linecorp.decaton.processor.runtime.ProcessorsBuilder;
import com.linecorp.decaton.processor.runtime.Property;
import com.linecorp.decaton.processor.runtime.StaticPropertySupplier;
import com.linecorp.decaton.processor.runtime.SubPartitionRuntime;
import com.linecorp.decaton.processor.runtime.SubscriptionBuilder;
import com.linecorp.decaton.processor.runtime.SubscriptionStateListener;
import com.linecorp.decaton.processor.runtime.TaskExtractor;

import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.AsyncTaskProcessor;
import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.InFlightTasks;

/** Runs on Decaton: several threads for each partition, records with the same key on the same thread. */
public final class DecatonEngine implements Engine {
    private static final Logger log = LoggerFactory.getLogger(DecatonEngine.class);
    private static final byte[] EMPTY = new byte[0];
    private static final int OPEN_MILLIS = 200;

    private final EngineConfig config;
    private final CompletableFuture<String> ended = new CompletableFuture<>();
    // Both are set when it comes to closing: how long that may take is only known then.
    private final DynamicProperty<Long> drainMillis =
            new DynamicProperty<>(ProcessorProperties.CONFIG_SHUTDOWN_TIMEOUT_MS);
    private final DynamicProperty<Long> threadEndMillis =
            new DynamicProperty<>(ProcessorProperties.CONFIG_PROCESSOR_THREADS_TERMINATION_TIMEOUT_MS);
    private final AtomicBoolean abandoned = new AtomicBoolean();
    private final CountDownLatch left = new CountDownLatch(1);
    private ProcessorSubscription subscription;
    /** Where many tasks are in flight: what processes them, and those that are. Else null. */
    private AsyncTaskProcessor processor;
    private InFlightTasks tasks;
    private CompletableFuture<Void> closed;
    private volatile boolean closing;
    private volatile boolean running;

    public DecatonEngine(EngineConfig config) {
        this.config = config;
    }

    @Override
    public void start() {
        Properties consumer = new Properties();
        consumer.putAll(config.consumerSettings());  // strings only: Decaton drops what is not
        consumer.putIfAbsent(ConsumerConfig.CLIENT_ID_CONFIG, config.group());
        consumer.put(ConsumerConfig.GROUP_ID_CONFIG, config.group());

        subscription = SubscriptionBuilder.newBuilder(config.group())
                .consumerConfig(consumer)
                .properties(StaticPropertySupplier.of(properties()))
                // A virtual thread per key would mean a guest per key.
                .subPartitionRuntime(SubPartitionRuntime.THREAD_POOL)
                .enableTracing((record, subscriptionId) -> new RecordPlace(record.partition(), record.offset()))
                .stateListener(this::stateChanged)
                .processorsBuilder(ProcessorsBuilder.consuming(config.topic(), extractor())
                        .thenProcess(processors(), ProcessorScope.THREAD))
                .build();
        subscription.setUncaughtExceptionHandler((thread, e) -> {
            log.error("Decaton's subscription thread ended", e);
            ended.complete("Decaton's subscription ended by itself: " + e);
        });
        subscription.start();
    }

    private Supplier<DecatonProcessor<ConsumedRecord>> processors() {
        if (config.inFlight() == null) {
            return () -> new SyncProcessor<>(new RecordSource(), whole -> config.processors().get(), ended::isDone,
                    new SyncProcessor.Listener() {
                        @Override
                        public void stopped(Task task) {
                            ended.complete("a task failed");
                        }

                        @Override
                        public void failed(Throwable e) {
                            log.error("A processor could not be made", e);
                            ended.complete("a processor could not be made: " + e);
                        }

                        @Override
                        public void abandoned() {
                            left.countDown();
                        }

                        @Override
                        public void closedWhileBusy() {
                            abandoned.set(true);
                        }
                    });
        }
        processor = config.inFlight().processor().get();
        tasks = new InFlightTasks(processor, config.inFlight().limit(), () -> ended.complete("a task failed"));
        return () -> new AsyncProcessor<>(new RecordSource(), tasks);
    }

    private List<Property<?>> properties() {
        List<Property<?>> properties = new ArrayList<>(DecatonSettings.of(config.kafka().forEngine("decaton")));
        properties.add(Property.ofStatic(ProcessorProperties.CONFIG_PARTITION_CONCURRENCY, config.threads()));
        // Costs more than a small task; RecordPlace brings what we need of it.
        properties.add(Property.ofStatic(ProcessorProperties.CONFIG_LOGGING_MDC_ENABLED, false));
        properties.add(drainMillis);
        properties.add(threadEndMillis);
        return properties;
    }

    /** Hands the whole record on. An extractor that throws, or a task that is null, would drop the record as done. */
    private static TaskExtractor<ConsumedRecord> extractor() {
        return record -> {
            TaskMetadata metadata = TaskMetadata.builder().timestampMillis(record.recordTimestampMillis()).build();
            return new DecatonTask<>(metadata, record, record.value() == null ? EMPTY : record.value());
        };
    }

    private void stateChanged(SubscriptionStateListener.State state) {
        running = state == SubscriptionStateListener.State.RUNNING;
        if (state == SubscriptionStateListener.State.SHUTTING_DOWN && !closing) {
            // Decaton logged why. The member stays in the group until it is closed, its partitions idle.
            ended.complete("Decaton's subscription ended by itself");
        }
    }

    @Override
    public CompletableFuture<String> ended() {
        return ended;
    }

    @Override
    public boolean ready() {
        return running && !closing && !ended.isDone();
    }

    @Override
    public synchronized boolean close(Duration limit) {
        if (subscription == null) {
            return true;
        }
        if (closed == null) {
            closing = true;
            if (tasks != null) {
                endTasks(limit.toNanos() / 2);
            }
            threadEndMillis.set(limit.toMillis() / 4);
            // On another thread: when the subscription is dead, Decaton closes its consumer on the caller's.
            closed = CompletableFuture.supplyAsync(() -> closeSubscription(limit), DecatonEngine::runOnThread)
                    .thenCompose(future -> future);
        }
        try {
            closed.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            if (processor != null) {
                processor.close();
            }
            return !abandoned.get();
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException e) {
            log.error("Decaton's subscription did not close cleanly", e.getCause());
            return false;
        }
    }

    /** Decaton commits what is complete by then. */
    private void endTasks(long nanos) {
        processor.end();
        tasks.end();
        try {
            boolean idle = tasks.awaitIdle(nanos / 2);
            tasks.stop();
            if (!idle && !tasks.awaitIdle(nanos / 2)) {
                abandoned.set(true);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private CompletableFuture<Void> closeSubscription(Duration limit) {
        // A record that was left open is never complete: with one, there is nothing to wait for but the tasks that are
        // running, and those Decaton ends with their threads. It looks once how long it has to wait, so a task whose
        // wait for its next attempt is being ended gets the time to say so.
        boolean open = false;
        try {
            open = ended.isDone() || tasks != null || left.await(OPEN_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        drainMillis.set(open ? 0 : limit.toMillis() / 2);
        return subscription.asyncClose();
    }

    private static void runOnThread(Runnable task) {
        Thread thread = new Thread(task, "wasmton-close");
        thread.setDaemon(true);
        thread.start();
    }
}
