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
 * The consumer of one stream thread: the one object that is there as long as the thread, and that we make. The thread's
 * {@link Worker} lives and ends with it.
 */
final class StreamsConsumer extends KafkaConsumer<byte[], byte[]> {
    private static final ThreadLocal<Worker> WORKER = new ThreadLocal<>();

    private final Worker worker;

    StreamsConsumer(Map<String, Object> settings, Function<Consumer<byte[], byte[]>, Worker> workers) {
        super(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        worker = workers.apply(this);
    }

    /** The worker of the calling thread, which is a stream thread that has polled before. */
    static Worker workerOfThread() {
        return WORKER.get();
    }

    @Override
    public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
        WORKER.set(worker);
        return super.poll(timeout);
    }

    /** Always leaves the group: where Streams would stay, the partitions wait for the session to time out (45 s). */
    @Override
    public void close(CloseOptions options) {
        worker.close();
        super.close(options.withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
    }
}
