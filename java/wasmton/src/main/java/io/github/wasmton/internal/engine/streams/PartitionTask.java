package io.github.wasmton.internal.engine.streams;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.Decision;

/** Processes the records of one partition. For Streams a record is consumed when {@link #process} returns. */
final class PartitionTask implements Processor<byte[], byte[], Void, Void> {
    private final StreamsEngine engine;
    private final String topic;
    private ProcessorContext<Void, Void> context;
    private TopicPartition partition;
    private Worker worker;
    private long nextOffset = -1;

    PartitionTask(StreamsEngine engine, String topic) {
        this.engine = engine;
        this.topic = topic;
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
        this.context = context;
        partition = new TopicPartition(topic, context.taskId().partition());
        nextOffset = -1;  // Streams can close and reuse it
        worker = StreamsConsumer.workerOfThread();
        worker.add(this);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        Task task = engine.task(record, context);
        // Checked for each record: a thread may need minutes for those that it has polled.
        Decision decision = engine.stopping() ? Decision.ABANDON : worker.processor().process(task);
        if (decision != Decision.COMPLETE) {
            if (decision == Decision.STOP) {
                engine.stop();
            }
            worker.commitCompleted();
            throw new StoppedException();
        }
        nextOffset = task.offset() + 1;
    }

    TopicPartition partition() {
        return partition;
    }

    /** Returns the offset after the last complete record; -1 before the first. */
    long nextOffset() {
        return nextOffset;
    }

    @Override
    public void close() {
        worker.remove(this);
    }
}
