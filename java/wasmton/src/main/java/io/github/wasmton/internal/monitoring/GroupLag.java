package io.github.wasmton.internal.monitoring;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * Records of each partition that the group has not completed, as Kafka itself counts them: the end of the partition
 * less the committed offset. A consumer knows less: it counts what it has fetched as done, and sees nothing while it is
 * paused. The lag is the group's, so every process of a group shows the same.
 */
public final class GroupLag implements MeterBinder {
    private static final Logger log = LoggerFactory.getLogger(GroupLag.class);

    private final Admin admin;
    private final String group;
    private final String topic;
    private final Tags tags;
    private CompletableFuture<Void> answer = CompletableFuture.completedFuture(null);
    private volatile Map<Integer, Long> byPartition = Map.of();
    private volatile boolean failed;
    private volatile MultiGauge gauge;

    /** Makes the lag of a group. The caller closes the client. */
    public GroupLag(Admin admin, String group, String topic, Iterable<Tag> tags) {
        this.admin = admin;
        this.group = group;
        this.topic = topic;
        this.tags = Tags.of(tags);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        gauge = MultiGauge.builder("wasmton.group.lag").tags(tags)
                .description("Records of a partition that the group has not completed").register(registry);
    }

    /**
     * Asks Kafka and returns at once; while an answer is awaited, that is the one.
     *
     * @return completes when the answer is there, or is known not to come
     */
    public synchronized CompletableFuture<Void> refresh() {
        if (!answer.isDone()) {
            return answer;
        }
        CompletableFuture<Map<TopicPartition, OffsetAndMetadata>> committed = future(
                admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
        // Each time: partitions can be added to a topic.
        CompletableFuture<List<TopicPartition>> partitions = future(
                admin.describeTopics(List.of(topic)).topicNameValues().get(topic)).thenApply(GroupLag::partitions);
        answer = partitions.thenCompose(all -> committed.thenCompose(known -> begins(all, known))
                .thenCombine(offsets(all, OffsetSpec.latest()), GroupLag::lag)).handle((lag, e) -> {
            if (e == null) {
                show(lag);
            } else {
                forget(e);
            }
            return null;
        });
        return answer;
    }

    /** Returns the latest known lag by partition; empty before the first answer, and when Kafka does not answer. */
    public Map<Integer, Long> byPartition() {
        return byPartition;
    }

    private static List<TopicPartition> partitions(TopicDescription topic) {
        return topic.partitions().stream().map(info -> new TopicPartition(topic.name(), info.partition())).toList();
    }

    /** Returns the offset at which the group begins: the committed one, else the oldest. */
    private CompletableFuture<Map<TopicPartition, Long>> begins(List<TopicPartition> partitions,
            Map<TopicPartition, OffsetAndMetadata> committed) {
        Map<TopicPartition, Long> begins = new HashMap<>();
        for (TopicPartition partition : partitions) {
            OffsetAndMetadata offset = committed.get(partition);
            if (offset != null) {
                begins.put(partition, offset.offset());
            }
        }
        List<TopicPartition> others = partitions.stream().filter(partition -> !begins.containsKey(partition)).toList();
        if (others.isEmpty()) {
            return CompletableFuture.completedFuture(begins);
        }
        return offsets(others, OffsetSpec.earliest()).thenApply(oldest -> {
            begins.putAll(oldest);
            return begins;
        });
    }

    private static Map<Integer, Long> lag(Map<TopicPartition, Long> begins, Map<TopicPartition, Long> ends) {
        Map<Integer, Long> lag = new TreeMap<>();
        // Asked for at slightly different times: below 0 is 0.
        ends.forEach((partition, end) -> lag.put(partition.partition(), Math.max(0, end - begins.get(partition))));
        return lag;
    }

    private CompletableFuture<Map<TopicPartition, Long>> offsets(List<TopicPartition> of, OffsetSpec spec) {
        ToLongFunction<ListOffsetsResultInfo> offset = ListOffsetsResultInfo::offset;
        return future(admin.listOffsets(of.stream().collect(Collectors.toMap(partition -> partition, p -> spec))).all())
                .thenApply(all -> all.entrySet().stream().collect(
                        Collectors.toMap(Map.Entry::getKey, entry -> offset.applyAsLong(entry.getValue()))));
    }

    private static <T> CompletableFuture<T> future(KafkaFuture<T> future) {
        return future.toCompletionStage().toCompletableFuture();
    }

    private void show(Map<Integer, Long> lag) {
        failed = false;
        byPartition = lag;
        updateGauge();
    }

    private void forget(Throwable e) {
        byPartition = Map.of();
        updateGauge();
        if (!failed) {  // once, until it works again
            failed = true;
            log.warn("How far the group {} lags behind is not known: {}", group, e.toString());
        }
    }

    private void updateGauge() {
        MultiGauge bound = gauge;
        if (bound != null) {
            bound.register(byPartition.entrySet().stream().<MultiGauge.Row<?>>map(entry -> MultiGauge.Row.of(
                    Tags.of("partition", entry.getKey().toString()), entry.getValue())).toList(), true);
        }
    }
}
