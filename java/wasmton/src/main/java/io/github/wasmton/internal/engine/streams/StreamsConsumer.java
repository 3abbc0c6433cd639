package io.github.wasmton.internal.engine.streams;

import java.time.Duration;
import java.util.Map;
import java.util.function.Function;

import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The consumer of one stream thread: the one object of ours that lives as long as the thread. It owns the thread's
 * {@link Worker}.
 */
final class StreamsConsumer extends KafkaConsumer<byte[], byte[]> {
    private static final ThreadLocal<Worker> WORKER = new ThreadLocal<>();

    private final Worker worker;

    StreamsConsumer(Map<String, Object> settings, Function<Consumer<byte[], byte[]>, Worker> workers) {
        super(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        worker = workers.apply(this);
    }

    /** Returns the worker of the calling thread, which must be a stream thread that has polled before. */
    static Worker workerOfThread() {
        return WORKER.get();
    }

    @Override
    public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
        WORKER.set(worker);
        return super.poll(timeout);
    }

    /**
     * Closes the consumer and always leaves the group: if Streams stayed, the partitions would wait for the session
     * timeout (45 s).
     */
    @Override
    public void close(CloseOptions options) {
        worker.close();
        super.close(options.withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
    }
}
