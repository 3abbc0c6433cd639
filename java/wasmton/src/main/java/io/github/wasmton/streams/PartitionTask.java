package io.github.wasmton.streams;

import java.util.concurrent.CompletableFuture;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

import io.github.wasmton.engine.Decision;
import io.github.wasmton.guest.Task;

/**
 * Processes the records of one partition. To Streams a record is consumed when {@link #process} returns, and only then.
 */
final class PartitionTask implements Processor<byte[], byte[], Void, Void> {
    private final String topic;
    private final CompletableFuture<String> ended;
    private ProcessorContext<Void, Void> context;
    private TopicPartition partition;
    private Worker worker;
    private long nextOffset = -1;

    PartitionTask(String topic, CompletableFuture<String> ended) {
        this.topic = topic;
        this.ended = ended;
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
        this.context = context;
        partition = new TopicPartition(topic, context.taskId().partition());
        worker = StreamsConsumer.workerOfThread();
        worker.add(this);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        RecordMetadata place = context.recordMetadata().orElseThrow();
        Task task = new Task(topic, place.partition(), place.offset(), record.value());
        // After a failure, on whatever thread, nothing more is processed.
        if (ended.isDone() || worker.processor().process(task) == Decision.STOP) {
            ended.complete("a task failed");
            worker.commitCompleted();
            throw new StoppedException();
        }
        nextOffset = task.offset() + 1;
    }

    TopicPartition partition() {
        return partition;
    }

    /** The offset behind the last record that is complete; -1 before the first. */
    long nextOffset() {
        return nextOffset;
    }

    @Override
    public void close() {
        worker.remove(this);
    }
}
