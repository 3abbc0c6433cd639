package io.github.wasmton.internal.engine.consumer;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.Share;
import io.github.wasmton.internal.engine.TopicDeletedException;
import io.github.wasmton.internal.engine.TopicPresence;

/**
 * Kafka's consumer as both forms of the engine use it: one member of the group, which reads one topic. One thread at a
 * time may use it, except for {@link #ready}.
 */
final class GroupMember {
    private static final Logger log = LoggerFactory.getLogger(GroupMember.class);

    /** Longest wait for records in one poll. */
    static final Duration POLL = Duration.ofMillis(100);
    /** Time between commits, which limits the records that a crash repeats. */
    static final long COMMIT_NANOS = Duration.ofSeconds(1).toNanos();
    private static final Duration COMMIT_LIMIT = Duration.ofSeconds(5);
    /** Names of settings that must differ between the members of one process. */
    private static final List<String> OF_ONE_MEMBER =
            List.of(ConsumerConfig.CLIENT_ID_CONFIG, ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
    private static final Duration LOOK_UP_LIMIT = Duration.ofMillis(500);

    private final Consumer<byte[], byte[]> consumer;
    private final String topic;
    private final Share share;
    private final TopicPresence presence;
    /** True if the last commit failed. */
    private boolean failing;
    /** True if the last poll was with paused partitions. */
    private boolean paused;

    /**
     * Creates the consumer of one member.
     *
     * @param number the number of the member in this process; -1 if there is no other
     */
    GroupMember(EngineConfig config, int number) {
        Map<String, Object> settings = new HashMap<>(config.consumerSettings());
        settings.put(ConsumerConfig.GROUP_ID_CONFIG, config.group());
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        if (number >= 0) {
            OF_ONE_MEMBER.forEach(name -> settings.computeIfPresent(name, (n, value) -> value + "-" + number));
        }
        consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        topic = config.topic();
        presence = new TopicPresence(topic);
        share = new Share(config);
    }

    /** Joins the group with the next poll. */
    void subscribe(ConsumerRebalanceListener listener) {
        consumer.subscribe(List.of(topic), share.around(new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsAssigned(Collection<TopicPartition> added) {
                if (paused) {
                    consumer.pause(added);
                }
                listener.onPartitionsAssigned(added);
            }

            @Override
            public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
                listener.onPartitionsRevoked(revoked);
            }

            @Override
            public void onPartitionsLost(Collection<TopicPartition> lost) {
                listener.onPartitionsLost(lost);
            }
        }, consumer));
    }

    /** Returns whether this member has its share of the partitions. Any thread may call this. */
    boolean ready() {
        return share.complete();
    }

    /** Reads records. */
    ConsumerRecords<byte[], byte[]> poll(Duration time) {
        if (paused) {
            paused = false;
            consumer.resume(consumer.paused());
        }
        return consumer.poll(time);
    }

    /** Stays a member of the group and takes part in a rebalance, but reads nothing. Returns at once. */
    void pollPaused() {
        paused = true;
        consumer.pause(consumer.assignment());
        ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ZERO);
        if (!records.isEmpty()) {
            throw new IllegalStateException(records.count() + " records came from partitions that are paused");
        }
    }

    /** Returns the group's committed offset; 0 if there is none, and the highest number if Kafka does not answer. */
    long committed(TopicPartition place) {
        try {
            OffsetAndMetadata offset = consumer.committed(Set.of(place), COMMIT_LIMIT).get(place);
            return offset == null ? 0 : offset.offset();
        } catch (TimeoutException e) {
            return Long.MAX_VALUE;
        }
    }

    /**
     * Checks that the topic still exists.
     *
     * @throws TopicDeletedException if it was missing for 10 s
     */
    void checkTopic() {
        try {
            // Free of cost while the consumer's own metadata has the topic.
            if (consumer.partitionsFor(topic, LOOK_UP_LIMIT).isEmpty()) {
                presence.missed();
            } else {
                presence.found();
            }
        } catch (TimeoutException e) {
            presence.found();  // no answer does not mean that it is gone
        }
    }

    /** Sends a commit, and reports a failure later. */
    void commitAsync(Map<TopicPartition, OffsetAndMetadata> offsets,
            java.util.function.Consumer<Set<TopicPartition>> onFailure) {
        if (offsets.isEmpty()) {
            return;
        }
        try {
            consumer.commitAsync(offsets, (sent, e) -> {
                if (e == null) {
                    failing = false;
                } else {
                    commitFailed(offsets.keySet(), e, onFailure);
                }
            });
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            commitFailed(offsets.keySet(), e, onFailure);
        }
    }

    private void commitFailed(Set<TopicPartition> places, Exception e,
            java.util.function.Consumer<Set<TopicPartition>> onFailure) {
        if (!failing) {
            log.warn("Offsets were not committed; this is repeated every second, without another word: {}",
                    e.toString());
        }
        failing = true;
        onFailure.accept(places);
    }

    /** Commits offsets and waits up to 5 s for the answer. */
    void commitSync(Map<TopicPartition, OffsetAndMetadata> offsets) {
        if (!offsets.isEmpty()) {
            consumer.commitSync(offsets, COMMIT_LIMIT);
        }
    }

    /**
     * Commits the last offsets before the member leaves the group. Kafka rejects commits during a rebalance, so this
     * waits for its end.
     *
     * @param offsets called again for each try, because the rebalance can take partitions away
     */
    void commitLast(Supplier<Map<TopicPartition, OffsetAndMetadata>> offsets, Duration limit)
            throws InterruptedException {
        long until = System.nanoTime() + limit.toNanos();
        while (true) {
            try {
                commitSync(offsets.get());
                return;
            } catch (RebalanceInProgressException e) {
                if (System.nanoTime() - until > 0) {
                    throw e;
                }
                pollPaused();
                Thread.sleep(10);
            }
        }
    }

    /** Leaves the group, unless this is a fixed member ({@code group.instance.id}), whose partitions wait for it. */
    void close(Duration limit) {
        share.givenUp();
        consumer.close(CloseOptions.timeout(limit));
    }
}
