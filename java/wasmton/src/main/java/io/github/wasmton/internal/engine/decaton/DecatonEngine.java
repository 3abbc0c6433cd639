package io.github.wasmton.internal.engine.decaton;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.micrometer.core.instrument.MeterRegistry;

import com.linecorp.decaton.processor.DecatonProcessor;
import com.linecorp.decaton.processor.TaskMetadata;
import com.linecorp.decaton.processor.metrics.Metrics;
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
import com.linecorp.decaton.processor.tracing.TracingProvider;

import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.AsyncTaskProcessor;
import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.InFlightTasks;

/** Runs on Decaton: several threads for each partition, and records with the same key on the same thread. */
public final class DecatonEngine implements Engine {
    private static final Logger log = LoggerFactory.getLogger(DecatonEngine.class);
    private static final byte[] EMPTY = new byte[0];
    /** Time that tasks in progress get before a rebalance continues without them: all partitions wait for them. */
    private static final Duration REBALANCE_LIMIT = Duration.ofSeconds(5);
    /** Time that Decaton then waits for the threads of a partition that is gone. */
    private static final long REBALANCE_JOIN_MILLIS = 1_000;
    /**
     * Time that a member without partitions gets to leave the group. Kafka answers nothing while the group waits for
     * another member, and Decaton's consumer waits for the answer for 30 s.
     */
    private static final Duration LEAVE_LIMIT = Duration.ofSeconds(3);
    private static final int LOOK_MILLIS = 20;

    private final EngineConfig config;
    private final CompletableFuture<String> ended = new CompletableFuture<>();
    /** Time limit for threads; set again at the close, when its time is known. */
    private final DynamicProperty<Long> threadEndMillis =
            new DynamicProperty<>(ProcessorProperties.CONFIG_PROCESSOR_THREADS_TERMINATION_TIMEOUT_MS);
    private final AtomicBoolean abandoned = new AtomicBoolean();
    private final Set<EngineThread> threads = ConcurrentHashMap.newKeySet();
    private final Set<InFlightThread> inFlightThreads = ConcurrentHashMap.newKeySet();
    private final RebalanceGate gate = new RebalanceGate();
    private final ConsumerWatch watch = new ConsumerWatch(new ConsumerWatch.Listener() {
        @Override
        public void assigned(Set<Integer> partitions) {
            gate.assign(partitions);
            endWaits();
        }

        @Override
        public void read(int partition, long offset) {
            gate.read(partition, offset);
        }
    });
    /** Highest offset of each partition that had started at the close. */
    private final CompletableFuture<Map<Integer, Long>> lastOffsets = new CompletableFuture<>();
    /** The user's tracing provider, for which Decaton has room for one; null if there is none. */
    private final TracingProvider tracing = ServiceLoader.load(TracingProvider.class).findFirst().orElse(null);
    private ProcessorSubscription subscription;
    private TopicWatch topicWatch;
    /** The processor and the tasks of an engine with many in flight; else null. */
    private AsyncTaskProcessor processor;
    private InFlightTasks tasks;
    private CompletableFuture<Void> closed;
    private volatile boolean closing;
    /** True once the subscription is closed, which reports a rebalance too. */
    private volatile boolean leaving;
    private volatile boolean running;
    /** True once the subscription has run, so that it may have had partitions. */
    private volatile boolean served;

    public DecatonEngine(EngineConfig config) {
        this.config = config;
    }

    @Override
    public void start() {
        Properties consumer = new Properties();
        consumer.putAll(config.consumerSettings());  // strings only: Decaton drops other values
        consumer.putIfAbsent(ConsumerConfig.CLIENT_ID_CONFIG, config.group());
        consumer.put(ConsumerConfig.GROUP_ID_CONFIG, config.group());
        watch.addTo(consumer);

        subscription = SubscriptionBuilder.newBuilder(config.group())
                .consumerConfig(consumer)
                .properties(StaticPropertySupplier.of(properties()))
                // A virtual thread per key would mean a guest per key.
                .subPartitionRuntime(SubPartitionRuntime.THREAD_POOL)
                .enableTracing(this::place)
                .stateListener(this::stateChanged)
                .processorsBuilder(ProcessorsBuilder.consuming(config.topic(), extractor())
                        .thenProcess(processors(), ProcessorScope.THREAD))
                .build();
        subscription.setUncaughtExceptionHandler((thread, e) -> {
            log.error("Decaton's subscription thread ended", e);
            ended.complete("Decaton's subscription ended by itself: " + e);
        });
        subscription.start();
        topicWatch = new TopicWatch(config, e -> ended.complete(e.getMessage()));
    }

    private RecordPlace place(ConsumerRecord<?, ?> record, String subscriptionId) {
        return new RecordPlace(record.partition(), record.offset(), gate.phase(),
                tracing == null ? null : tracing.traceFor(record, subscriptionId));
    }

    private Supplier<DecatonProcessor<ConsumedRecord>> processors() {
        if (config.inFlight() == null) {
            return this::syncProcessor;
        }
        processor = config.inFlight().processor().get();
        tasks = new InFlightTasks(processor, config.inFlight().limit(), () -> ended.complete("a task failed"));
        return () -> new InFlightThread().processor;
    }

    /** The thread of a partition that passes its tasks on. */
    private final class InFlightThread {
        final RecordSource source = new RecordSource();
        final AsyncProcessor<ConsumedRecord> processor =
                new AsyncProcessor<>(source, tasks, this::isEnding, DecatonEngine.this::failed);

        InFlightThread() {
            inFlightThreads.add(this);
        }

        private boolean isEnding() {
            RecordPlace place = source.place();
            return !gate.admits(place.phase, place.partition, place.offset);
        }
    }

    private DecatonProcessor<ConsumedRecord> syncProcessor() {
        return new EngineThread().processor;
    }

    /** One thread of a partition. */
    private final class EngineThread implements SyncProcessor.Listener {
        final RecordSource source = new RecordSource();
        final SyncProcessor<ConsumedRecord> processor =
                new SyncProcessor<>(source, task -> config.processors().get(), this::isEnding, this);

        /** True while it is decided whether the next task may start. */
        private volatile boolean held;
        /** Offset of the latest task that has started; plain, as the place is. */
        private long started = -1;

        EngineThread() {
            threads.add(this);
        }

        private boolean isEnding() {
            boolean ending = isEnding(source.place());
            if (!ending) {
                started = source.place().offset;
            }
            return ending;
        }

        private boolean isEnding(RecordPlace place) {
            if (place.phase == gate.phase() && !closing) {
                return ended.isDone();
            }
            while (true) {
                held = true;
                boolean ending;
                try {
                    ending = ended.isDone() || !gate.admits(place.phase, place.partition, place.offset)
                            || closing && place.offset > lastOffsets.join().getOrDefault(place.partition, -1L);
                } finally {
                    held = false;
                }
                // Asked after that: a rebalance that begins now waits for this task, or the task for the rebalance.
                if (ending || gate.confirms(place.partition, place.offset)) {
                    return ending;
                }
            }
        }

        /** Returns whether the next task may start, being in front of these offsets, and has not yet. */
        boolean isHeldIn(Map<Integer, Long> front) {
            return held && source.place().offset <= front.getOrDefault(source.place().partition, -1L);
        }

        /** Returns the highest offset that has started, or -1. */
        long started() {
            boolean working = isWorking();  // reads what the thread wrote before
            return working ? source.place().offset : started;
        }

        boolean isWorking() {
            return processor.isWorking() && !held;
        }

        @Override
        public void stopped(Task task) {
            ended.complete("a task failed");
        }

        @Override
        public void failed(Throwable e) {
            DecatonEngine.this.failed(e);
        }

        @Override
        public void closed(boolean busy) {
            threads.remove(this);
            if (busy && closing) {
                abandoned.set(true);
            }
        }
    }

    private void failed(Throwable e) {
        log.error("A processor could not be made", e);
        ended.complete("a processor could not be made: " + e);
    }

    private List<Property<?>> properties() {
        List<Property<?>> properties = new ArrayList<>(DecatonSettings.of(config.kafka().forEngine("decaton")));
        properties.add(Property.ofStatic(ProcessorProperties.CONFIG_PARTITION_CONCURRENCY,
                // Threads only pass tasks on. One starts all of them in the order of their offsets, so that few
                // complete tasks follow an open one at the end.
                config.inFlight() == null ? config.threads() : 1));
        // It costs more than a small task; RecordPlace carries what we need.
        properties.add(Property.ofStatic(ProcessorProperties.CONFIG_LOGGING_MDC_ENABLED, false));
        // Tasks that are open at the close stay open: there is nothing to wait for.
        properties.add(Property.ofStatic(ProcessorProperties.CONFIG_SHUTDOWN_TIMEOUT_MS, 0L));
        // This engine waits itself, for tasks in progress only.
        properties.add(Property.ofStatic(ProcessorProperties.CONFIG_GROUP_REBALANCE_TIMEOUT_MS, 0L));
        threadEndMillis.set(REBALANCE_JOIN_MILLIS);
        properties.add(threadEndMillis);
        return properties;
    }

    /**
     * Returns an extractor that passes the whole record on. One that throws or returns no task would drop the record as
     * done.
     */
    private static TaskExtractor<ConsumedRecord> extractor() {
        return record -> {
            byte[] value = record.value() == null ? EMPTY : record.value();
            return new DecatonTask<>(metadata(record), record, value);
        };
    }

    private static TaskMetadata metadata(ConsumedRecord record) {
        try {
            return MetadataHeader.of(record);
        } catch (IllegalArgumentException e) {
            log.warn("The header {} of a record of {} is not Decaton's and is ignored: {}", MetadataHeader.NAME,
                    record.topic(), e.getMessage());
            return TaskMetadata.builder().timestampMillis(record.recordTimestampMillis()).build();
        }
    }

    /** Follows the states of the subscription, on its thread. Decaton commits when REBALANCING was reported. */
    private void stateChanged(SubscriptionStateListener.State state) {
        running = state == SubscriptionStateListener.State.RUNNING;
        served = served || running;
        if (state == SubscriptionStateListener.State.REBALANCING) {
            if (leaving) {
                return;  // the close has waited for the tasks already
            }
            gate.shut();
            awaitTasks();
        } else {
            if (tasks != null) {
                tasks.resume();
            }
            gate.open();
        }
        if (state == SubscriptionStateListener.State.SHUTTING_DOWN && !closing) {
            // Decaton logged why. The member stays in the group until it is closed, its partitions idle.
            ended.complete("Decaton's subscription ended by itself");
        }
    }

    /**
     * Waits for the tasks in progress, and for tasks with lower offsets than one that has started. Those that wait for
     * their next attempt are ended when their partition goes.
     */
    private void awaitTasks() {
        long end = System.nanoTime() + REBALANCE_LIMIT.toNanos();
        try {
            if (tasks != null) {
                tasks.pause();
                tasks.awaitWaiting(REBALANCE_LIMIT.toNanos());
                return;
            }
            Map<Integer, Long> front = new HashMap<>();
            threads.forEach(thread -> front.merge(thread.source.place().partition, thread.started(), Math::max));
            gate.letBegin(front);
            awaitIdle(front, end);
            gate.letBegin(Map.of());
            while (threads.stream().anyMatch(EngineThread::isWorking) && System.nanoTime() - end < 0) {
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS / 4);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the back-offs of tasks whose partition is gone. */
    private void endWaits() {
        threads.stream().filter(thread -> gate.isGone(thread.source.place().partition))
                .forEach(thread -> thread.processor.endWait());
        inFlightThreads.removeIf(thread -> {
            boolean gone = gate.isGone(thread.source.place().partition);
            if (gone) {
                thread.processor.close();
            }
            return gone;
        });
    }

    @Override
    public CompletableFuture<String> ended() {
        return ended;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Metrics.register(registry);
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
        long end = System.nanoTime() + limit.toNanos();
        if (closed == null) {
            topicWatch.close();
            closing = true;
            awaitRebalance(limit.toNanos() / 8);
            if (tasks != null) {
                endTasks(limit.toNanos() / 2);
            } else {
                endThreads(limit.toNanos() / 2);
            }
            awaitRebalance(limit.toNanos() / 8);
            leaving = true;
            threadEndMillis.set(limit.toMillis() / 4);
            // On another thread: Decaton closes the consumer of a dead subscription on the caller's thread.
            closed = CompletableFuture.supplyAsync(subscription::asyncClose, DecatonEngine::runOnThread)
                    .thenCompose(future -> future);
        }
        long left = Math.max(0, end - System.nanoTime());
        try {
            closed.get(served ? left : Math.min(left, LEAVE_LIMIT.toNanos()), TimeUnit.NANOSECONDS);
            watch.close();
            if (processor != null) {
                processor.close();
            }
            return !abandoned.get();
        } catch (TimeoutException e) {
            return !served;  // without partitions there is nothing to lose
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException e) {
            log.error("Decaton's subscription did not close cleanly", e.getCause());
            return false;
        }
    }

    /** Waits for the end of a rebalance, during which Kafka accepts no last commit. */
    private void awaitRebalance(long nanos) {
        try {
            gate.awaitOpen(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the tasks in flight. Decaton commits what is complete by then. */
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

    /**
     * Waits for the tasks in progress, and for tasks with lower offsets than one that has started: otherwise the
     * completed ones after them would be processed again. No later task starts.
     */
    private void endThreads(long nanos) {
        Map<Integer, Long> last = new HashMap<>();
        threads.forEach(thread -> {
            thread.processor.isBusy();  // reads what the thread wrote before
            last.merge(thread.source.place().partition, thread.source.place().offset, Math::max);
        });
        lastOffsets.complete(last);
        try {
            awaitIdle(last, System.nanoTime() + nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Waits until no thread is working and none has a task up to these offsets, by partition. A thread can be between
     * two tasks: it counts as idle if two checks find it idle at the same record.
     */
    private void awaitIdle(Map<Integer, Long> front, long end) throws InterruptedException {
        for (List<Long> before = null; System.nanoTime() - end < 0; TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS)) {
            List<Long> idle = threads.stream().anyMatch(thread -> thread.isWorking() || thread.isHeldIn(front)) ? null
                    : threads.stream().map(thread -> Math.min(thread.source.place().offset,
                            front.getOrDefault(thread.source.place().partition, -1L))).sorted().toList();
            if (idle != null && idle.equals(before)) {
                return;
            }
            before = idle;
        }
    }

    private static void runOnThread(Runnable task) {
        Thread thread = new Thread(task, "wasmton-close");
        thread.setDaemon(true);
        thread.start();
    }
}
