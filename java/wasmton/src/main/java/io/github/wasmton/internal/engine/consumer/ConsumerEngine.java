package io.github.wasmton.internal.engine.consumer;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.wasmton.internal.engine.AsyncTaskProcessor;
import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.InFlightTasks;

/**
 * Runs on Kafka's consumer alone, for many tasks at once ({@link EngineConfig#inFlight}) on one thread that reads.
 *
 * <p>Kafka Streams does not do for that: to it a record is consumed when its processor returns, it commits only after
 * new records, and it hands a partition on without waiting for anything. Each could be bent; but what is left of
 * Streams then is a consumer.
 */
public final class ConsumerEngine implements Engine {
    private static final Logger log = LoggerFactory.getLogger(ConsumerEngine.class);

    private final EngineConfig config;
    private final CompletableFuture<String> ended = new CompletableFuture<>();
    private AsyncTaskProcessor processor;
    private volatile PollLoop loop;  // for ready(), which anyone may ask
    private Thread thread;
    private boolean closed;
    private boolean inTime;

    /** The configuration must have many tasks in flight. */
    public ConsumerEngine(EngineConfig config) {
        if (config.inFlight() == null) {
            throw new IllegalArgumentException("this engine is for many tasks in flight");
        }
        this.config = config;
    }

    @Override
    public void start() {
        Map<String, Object> settings = new HashMap<>(config.consumerSettings());
        settings.put(ConsumerConfig.GROUP_ID_CONFIG, config.group());
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        processor = config.inFlight().processor().get();
        InFlightTasks tasks = new InFlightTasks(processor, config.inFlight().limit(),
                () -> ended.complete("a task failed"));
        loop = new PollLoop(consumer, config.topic(), tasks);
        thread = new Thread(this::run, "wasmton-consumer");
        thread.start();
    }

    private void run() {
        try {
            loop.run();
        } catch (Throwable e) {
            log.error("Kafka's consumer ended by itself", e);
            ended.complete("Kafka's consumer ended by itself: " + e);
        }
    }

    @Override
    public CompletableFuture<String> ended() {
        return ended;
    }

    @Override
    public boolean ready() {
        PollLoop running = loop;
        return running != null && running.ready() && !ended.isDone();
    }

    @Override
    public synchronized boolean close(Duration limit) {
        if (loop == null || closed) {
            return loop == null || inTime;
        }
        closed = true;
        processor.end();
        loop.end(limit);
        try {
            thread.join(Math.max(1, limit.toMillis()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        inTime = !thread.isAlive() && loop.allEnded();
        processor.close();
        return inTime;
    }
}
