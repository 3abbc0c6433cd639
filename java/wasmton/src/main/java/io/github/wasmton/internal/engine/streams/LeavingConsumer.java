package io.github.wasmton.internal.engine.streams;

import java.util.Map;

import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The consumer of one stream thread, which always leaves the group when it is closed, unless it is a fixed member
 * ({@code group.instance.id}). Streams stays when a thread fails, and the next start would wait for the partitions
 * until the session timeout (45 s).
 */
class LeavingConsumer extends KafkaConsumer<byte[], byte[]> {
    private final boolean fixedMember;

    LeavingConsumer(Map<String, Object> settings) {
        super(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        fixedMember = settings.get(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG) != null;
    }

    @Override
    public void close(CloseOptions options) {
        super.close(fixedMember ? options
                : options.withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
    }
}
