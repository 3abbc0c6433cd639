package io.github.wasmton.internal.engine.streams;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.Decision;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.EngineException;
import io.github.wasmton.internal.engine.TaskProcessor;

/** Processes the records of one partition, and applies the effects of those that are complete. */
final class TopologyTask implements Processor<byte[], byte[], byte[], ProducerRecord<byte[], byte[]>> {
    private final TopologyEngine engine;
    private final EngineConfig config;
    private ProcessorContext<byte[], ProducerRecord<byte[], byte[]>> context;
    private TaskEffects effects;
    /** {@code null} without batches. */
    private BatchWindow window;

    TopologyTask(TopologyEngine engine, EngineConfig config) {
        this.engine = engine;
        this.config = config;
    }

    @Override
    public void init(ProcessorContext<byte[], ProducerRecord<byte[], byte[]>> context) {
        this.context = context;
        effects = new TaskEffects(TaskStore.all(config.state(), context));
        window = config.batches() == null ? null : BatchingConsumer.windowOfThread();
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        Task task = engine.task(record, context);
        // Checked for each record: a thread may need minutes for those that it has polled.
        Decision decision = engine.stopping() ? Decision.ABANDON : decide(task);
        if (decision != Decision.COMPLETE) {
            effects.drop();
            if (decision == Decision.STOP) {
                engine.stop();
            }
            engine.leave(task);
            return;
        }
        effects.apply(context);
    }

    private Decision decide(Task task) {
        try {
            TaskProcessor processor = engine.processor();
            return window == null ? processor.process(task, effects) : window.process(task, processor, effects);
        } catch (EngineException e) {
            throw e.unwrap();
        }
    }
}
