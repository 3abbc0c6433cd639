package io.github.wasmton.internal.engine.consumer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.wasmton.internal.engine.EndReason;
import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;

/**
 * Runs on Kafka's consumer alone, with one task at a time on each thread: partitions are spread over the threads, and
 * each partition's records are processed one after the other.
 */
final class ConsumerEngine implements Engine {
    private static final Logger log = LoggerFactory.getLogger(ConsumerEngine.class);

    private final EngineConfig config;
    private final CompletableFuture<String> ended = new CompletableFuture<>();
    private volatile List<TaskLoop> loops = List.of();

    /** Creates an engine; the configuration must have one task at a time. */
    ConsumerEngine(EngineConfig config) {
        if (config.inFlight() != null) {
            throw new IllegalArgumentException("this engine has one task at a time on each thread");
        }
        this.config = config;
    }

    @Override
    public void start() {
        List<TaskLoop> made = new ArrayList<>();
        try {
            for (int i = 0; i < config.threads(); i++) {
                made.add(new TaskLoop(config, config.threads() == 1 ? -1 : i, events()));
            }
        } catch (RuntimeException e) {
            made.forEach(TaskLoop::discard);
            throw e;
        }
        loops = List.copyOf(made);
        made.forEach(TaskLoop::start);
    }

    private TaskLoop.Events events() {
        return new TaskLoop.Events() {
            @Override
            public void stop(boolean failed) {
                loops.forEach(TaskLoop::end);
                if (failed) {
                    ended.complete("a task failed");
                }
            }

            @Override
            public void died(Throwable e) {
                loops.forEach(TaskLoop::end);
                // The first thread reports for all.
                if (ended.complete(EndReason.of("Kafka's consumer", config.group(), e))) {
                    log.error("Kafka's consumer ended by itself", e);
                }
            }
        };
    }

    @Override
    public CompletableFuture<String> ended() {
        return ended;
    }

    @Override
    public boolean ready() {
        List<TaskLoop> all = loops;
        return !all.isEmpty() && !ended.isDone() && all.stream().allMatch(TaskLoop::ready);
    }

    @Override
    public synchronized boolean close(Duration limit) {
        long until = System.nanoTime() + limit.toNanos();
        loops.forEach(loop -> loop.endWithin(limit));
        boolean inTime = true;
        try {
            for (TaskLoop loop : loops) {
                inTime &= loop.awaitEnd(until - System.nanoTime());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        return inTime;
    }
}
