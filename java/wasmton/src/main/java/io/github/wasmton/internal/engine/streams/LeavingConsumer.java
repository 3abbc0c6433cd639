package io.github.wasmton.internal.engine.streams;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The consumer of one stream thread, which always leaves the group when it is closed, unless it is a fixed member
 * ({@code group.instance.id}). Streams stays when a thread fails, and the next start would wait for the partitions
 * until the session timeout (45 s).
 *
 * <p>The close of a member without partitions does not wait for the end of a rebalance. The group can wait that long
 * for a member that is gone, and Kafka answers nothing to the others.
 */
class LeavingConsumer extends KafkaConsumer<byte[], byte[]> {
    /** Longest wait for Kafka's answers at the close. */
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(3);

    private final boolean fixedMember;
    private final BooleanSupplier ending;
    private ConsumerRebalanceListener listener;
    private boolean released;

    /**
     * Creates the consumer of a thread.
     *
     * @param ending true if the thread starts no more tasks
     */
    LeavingConsumer(Map<String, Object> settings, BooleanSupplier ending) {
        super(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        fixedMember = settings.get(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG) != null;
        this.ending = ending;
    }

    /** Returns whether the thread starts no more tasks. */
    final boolean ending() {
        return ending.getAsBoolean();
    }

    @Override
    public void subscribe(Collection<String> topics, ConsumerRebalanceListener newListener) {
        listener = newListener;
        super.subscribe(topics, newListener);
    }

    @Override
    public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
        ConsumerRecords<byte[], byte[]> records = super.poll(timeout);
        if (ending() && !released && assignment().isEmpty()) {
            released = true;
            listener.onPartitionsAssigned(List.of());  // else Streams polls until the rebalance has ended
        }
        return records;
    }

    @Override
    public void close(CloseOptions options) {
        CloseOptions limited = options.withTimeout(CLOSE_LIMIT);
        super.close(fixedMember ? limited
                : limited.withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
    }
}
