package io.github.wasmton.internal.engine.decaton;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.common.Configurable;
import org.apache.kafka.common.TopicPartition;

/**
 * Sees what Decaton's consumer is assigned and reads before Decaton does. Decaton makes the consumer from strings, so
 * Kafka makes the parts of this from class names, and they find it by its name among the settings.
 */
final class ConsumerWatch implements AutoCloseable {
    private static final String NAME = "wasmton.consumer.watch";
    private static final Map<String, ConsumerWatch> ALL = new ConcurrentHashMap<>();

    private final String name = Integer.toHexString(System.identityHashCode(this)) + '-' + System.nanoTime();
    private final Listener listener;

    /** Receives what happens; the polling thread calls it. */
    interface Listener {
        /** Reports the partitions that this member now has, before Decaton gives up the others. */
        void assigned(Set<Integer> partitions);

        /** Reports the first record of a partition in a poll, before Decaton gets it. */
        void read(int partition, long offset);
    }

    ConsumerWatch(Listener listener) {
        this.listener = listener;
    }

    /**
     * Adds the parts to a consumer's settings. With an assignor of the user's own, or of the broker's, there is no
     * {@code assigned}.
     */
    void addTo(Map<Object, Object> settings) {
        ALL.put(name, this);
        settings.put(NAME, name);
        settings.merge(ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG, Reads.class.getName(),
                (given, own) -> given + "," + own);
        if (GroupProtocol.CONSUMER.name().equalsIgnoreCase(
                String.valueOf(settings.get(ConsumerConfig.GROUP_PROTOCOL_CONFIG)))) {
            return;  // the broker assigns, and Kafka accepts no assignor
        }
        // Kafka's own default, with a range assignor that reports.
        settings.putIfAbsent(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
                ReportingRangeAssignor.class.getName() + ',' + CooperativeStickyAssignor.class.getName());
    }

    private static Listener listener(Map<String, ?> settings) {
        return ALL.get(String.valueOf(settings.get(NAME))).listener;
    }

    @Override
    public void close() {
        ALL.remove(name);
    }

    /** Kafka's range assignor, under its name: members with and without this one share a group. */
    public static final class ReportingRangeAssignor extends RangeAssignor implements Configurable {
        private Listener listener;

        @Override
        public void configure(Map<String, ?> settings) {
            listener = listener(settings);
        }

        @Override
        public void onAssignment(Assignment assignment, ConsumerGroupMetadata metadata) {
            super.onAssignment(assignment, metadata);
            listener.assigned(assignment.partitions().stream().map(TopicPartition::partition)
                    .collect(Collectors.toSet()));
        }
    }

    /** Reports what each poll returns. */
    public static final class Reads implements ConsumerInterceptor<byte[], byte[]> {
        private Listener listener;

        @Override
        public void configure(Map<String, ?> settings) {
            listener = listener(settings);
        }

        @Override
        public ConsumerRecords<byte[], byte[]> onConsume(ConsumerRecords<byte[], byte[]> records) {
            for (TopicPartition place : records.partitions()) {
                listener.read(place.partition(), records.records(place).get(0).offset());
            }
            return records;
        }

        @Override
        public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {
            // Of no interest.
        }

        @Override
        public void close() {
            // It has nothing to close.
        }
    }
}
