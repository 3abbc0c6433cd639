package io.github.wasmton.internal.engine.consumer;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.AsyncTaskProcessor;
import io.github.wasmton.internal.engine.Decision;
import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.EngineContract;
import io.github.wasmton.internal.engine.InFlight;
import io.github.wasmton.internal.engine.TaskProcessor;

/** What holds for all engines holds where many tasks are in flight. */
class ConsumerEngineTest extends EngineContract {
    @Override
    protected Engine create(EngineConfig config) {
        return new ConsumerEngine(new EngineConfig(config.bootstrapServers(), config.topic(), config.group(),
                config.threads(), config.kafka(), null,
                new InFlight(100, () -> new ThreadForEachPartition(config.processors()))));
    }

    /** Processes as the other engines do: one after the other, on one thread for each partition. */
    private static final class ThreadForEachPartition implements AsyncTaskProcessor {
        private final Supplier<? extends TaskProcessor> processors;
        private final Map<Integer, ExecutorService> threads = new ConcurrentHashMap<>();
        private final Map<Integer, TaskProcessor> made = new ConcurrentHashMap<>();

        ThreadForEachPartition(Supplier<? extends TaskProcessor> processors) {
            this.processors = processors;
        }

        @Override
        public CompletableFuture<Decision> process(Task task) {
            ExecutorService thread = threads.computeIfAbsent(task.partition(),
                    partition -> Executors.newSingleThreadExecutor());
            TaskProcessor processor = made.computeIfAbsent(task.partition(), partition -> processors.get());
            return CompletableFuture.supplyAsync(() -> processor.process(task), thread);
        }

        @Override
        public void end() {
            // Nothing waits for another attempt.
        }

        @Override
        public void close() {
            threads.values().forEach(ExecutorService::shutdown);
            made.values().forEach(TaskProcessor::close);
        }
    }
}
