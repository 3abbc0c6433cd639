package io.github.wasmton.internal.engine.consumer;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.wasmton.internal.engine.AsyncTaskProcessor;
import io.github.wasmton.internal.engine.EndReason;
import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.InFlightTasks;

/** Runs on Kafka's consumer alone, with many tasks in flight ({@link EngineConfig#inFlight}) and one reading thread. */
final class InFlightEngine implements Engine {
    private static final Logger log = LoggerFactory.getLogger(InFlightEngine.class);

    private final EngineConfig config;
    private final CompletableFuture<String> ended = new CompletableFuture<>();
    private AsyncTaskProcessor processor;
    private volatile InFlightLoop loop;  // for ready(), which anyone may ask
    private Thread thread;
    private boolean closed;
    private boolean inTime;

    /** Creates an engine; the configuration must have many tasks in flight. */
    InFlightEngine(EngineConfig config) {
        if (config.inFlight() == null) {
            throw new IllegalArgumentException("this engine is for many tasks in flight");
        }
        this.config = config;
    }

    @Override
    public void start() {
        GroupMember member = new GroupMember(config, -1);
        processor = config.inFlight().processor().get();
        InFlightTasks tasks = new InFlightTasks(processor, config.inFlight().limit(),
                () -> ended.complete("a task failed"));
        loop = new InFlightLoop(member, config.topic(), tasks);
        thread = new Thread(this::run, "wasmton-consumer");
        thread.start();
    }

    private void run() {
        try {
            loop.run();
        } catch (Throwable e) {
            log.error("Kafka's consumer ended by itself", e);
            ended.complete(EndReason.of("Kafka's consumer", config.group(), e));
        }
    }

    @Override
    public CompletableFuture<String> ended() {
        return ended;
    }

    @Override
    public boolean ready() {
        InFlightLoop running = loop;
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
