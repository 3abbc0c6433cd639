package io.github.wasmton.internal.engine.consumer;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.InFlightTasks;
import io.github.wasmton.internal.kafka.RecordHeaders;

/**
 * The loop of the reading thread: polls, starts tasks while there is room, and commits complete records. Without room
 * it keeps polling with its partitions paused, because the group would consider it dead otherwise.
 */
final class InFlightLoop implements ConsumerRebalanceListener {
    private static final Logger log = LoggerFactory.getLogger(InFlightLoop.class);

    private static final Duration COMMIT_LIMIT = Duration.ofSeconds(5);
    /** Longest wait for the tasks of a partition that goes to another member; unfinished tasks are processed twice. */
    private static final long HAND_OVER_NANOS = Duration.ofSeconds(5).toNanos();

    private final GroupMember member;
    private final String topic;
    private final InFlightTasks tasks;
    private final Map<TopicPartition, Partition> partitions = new HashMap<>();
    /** Records that were read, but not started for lack of room. */
    private final Deque<ConsumerRecord<byte[], byte[]>> waiting = new ArrayDeque<>();
    private long lastCommit = System.nanoTime();
    private volatile boolean ending;
    private volatile long end;
    private volatile long limitNanos;
    private volatile boolean allEnded;

    private static final class Partition {
        final InFlightTasks.Source source = new InFlightTasks.Source();
        final OpenOffsets offsets = new OpenOffsets();
        /** First offset that was read, or the committed one if only markers were; -1 before that. */
        private long first = -1;
        /** Last offset that was sent in a commit. */
        private long sent;

        void read(long offset) {
            offsets.open(offset);
            if (first < 0) {
                first = offset;
            }
        }

        void readUpTo(long offset, LongSupplier start) {
            offsets.readUpTo(offset);
            if (first < 0) {
                first = Math.min(start.getAsLong(), offset);  // only markers: no record was read before
            }
        }

        /**
         * Returns the offset to commit, or -1 for none. The last commit repeats offsets that may have been sent in
         * vain.
         */
        long commit(boolean last) {
            long committable = offsets.committable();
            if (committable <= (last ? first : Math.max(first, sent))) {
                return -1;
            }
            sent = committable;
            return committable;
        }
    }

    InFlightLoop(GroupMember member, String topic, InFlightTasks tasks) {
        this.member = member;
        this.topic = topic;
        this.tasks = tasks;
    }

    /** Runs until {@link #end}, or an exception. */
    void run() throws InterruptedException {
        try {
            member.subscribe(this);
            while (!ending) {
                step(GroupMember.POLL);
                startWaiting(GroupMember.POLL.toNanos());
            }
            drain();
            member.commitLast(() -> committable(true), COMMIT_LIMIT);
            partitions.clear();
        } finally {
            tasks.stop();
            allEnded = tasks.awaitIdle(0);
            member.close(Duration.ofNanos(Math.max(limitNanos / 4, 1_000_000_000L)));
        }
    }

    /** Ends the loop: waits for the tasks in flight, commits, and leaves the group, all within about that time. */
    void end(Duration limit) {
        limitNanos = limit.toNanos();
        end = System.nanoTime() + limitNanos;
        tasks.end();
        ending = true;
    }

    /** Returns whether this member has its share of the partitions, and reads. */
    boolean ready() {
        return member.ready() && !ending;
    }

    /** Returns whether no task was in flight when the loop ended. */
    boolean allEnded() {
        return allEnded;
    }

    /** Polls once, for records only if there is room for them. */
    private void step(Duration time) {
        if (waiting.isEmpty() && !tasks.isEnding()) {
            ConsumerRecords<byte[], byte[]> records = member.poll(time);
            for (ConsumerRecord<byte[], byte[]> record : records) {
                waiting.add(record);
                partition(record).read(record.offset());
            }
            // Also after markers of transactions, which are no records.
            records.nextOffsets().forEach((place, next) ->
                    partitions.get(place).readUpTo(next.offset(), () -> member.committed(place)));
        } else {
            member.pollPaused();
        }
        if (System.nanoTime() - lastCommit >= GroupMember.COMMIT_NANOS) {
            lastCommit = System.nanoTime();
            member.commitAsync(committable(false), this::commitFailed);
            member.checkTopic();
        }
    }

    /** Starts waiting records while there is room, until all are started or it is time to poll again. */
    private void startWaiting(long nanos) throws InterruptedException {
        long until = System.nanoTime() + nanos;
        while (!ending && !waiting.isEmpty()) {
            if (!start(waiting.peek(), until - System.nanoTime())) {
                break;
            }
            waiting.poll();
        }
        if (tasks.isEnding()) {
            waiting.clear();
            Thread.sleep(nanos / 1_000_000 / 10);  // the engine is about to call end()
        }
    }

    private boolean start(ConsumerRecord<byte[], byte[]> record, long nanos) throws InterruptedException {
        Partition partition = partition(record);
        long offset = record.offset();
        Task task = new Task(topic, record.partition(), offset, record.timestamp(), record.key(), record.value(),
                RecordHeaders.of(record.headers()), 1);
        return tasks.add(task, partition.source, () -> partition.offsets.complete(offset), nanos);
    }

    private Partition partition(ConsumerRecord<byte[], byte[]> record) {
        return partitions.get(placeOf(record));
    }

    private static TopicPartition placeOf(ConsumerRecord<byte[], byte[]> record) {
        return new TopicPartition(record.topic(), record.partition());
    }

    /**
     * Waits for the tasks. They get half of the time; tasks that wait for their key are started during the first half
     * of that.
     */
    private void drain() throws InterruptedException {
        waiting.clear();
        while (!tasks.awaitIdle(GroupMember.POLL.toNanos() / 2)) {
            long left = end - System.nanoTime();
            if (left < limitNanos / 2) {
                return;
            }
            if (left < limitNanos * 3 / 4) {
                tasks.stop();
            }
            step(Duration.ZERO);
        }
    }

    /** Returns the offset up to which each partition's records are complete, if it is new or this is the last time. */
    private Map<TopicPartition, OffsetAndMetadata> committable(boolean last) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        partitions.forEach((place, partition) -> {
            long offset = partition.commit(last);
            if (offset >= 0) {
                offsets.put(place, new OffsetAndMetadata(offset));
            }
        });
        return offsets;
    }

    private void commitFailed(Set<TopicPartition> places) {
        places.stream().map(partitions::get).filter(partition -> partition != null)
                .forEach(partition -> partition.sent = 0);
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> added) {
        added.forEach(place -> partitions.put(place, new Partition()));
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
        letGo(revoked, Math.min(HAND_OVER_NANOS, ending ? Math.max(0, end - System.nanoTime() - limitNanos / 2)
                : Long.MAX_VALUE));
        Map<TopicPartition, OffsetAndMetadata> offsets = committable(true);
        try {
            member.commitSync(offsets);
        } catch (KafkaException e) {
            log.warn("Tasks of {} that are complete were not committed, and come again: {}", offsets.keySet(),
                    e.toString());
        }
        partitions.keySet().removeAll(revoked);
    }

    /** Gives up partitions that another member already has: nothing to wait for, and nothing to commit. */
    @Override
    public void onPartitionsLost(Collection<TopicPartition> lost) {
        letGo(lost, 0);
        partitions.keySet().removeAll(lost);
    }

    private void letGo(Collection<TopicPartition> gone, long nanos) {
        waiting.removeIf(record -> gone.contains(placeOf(record)));
        long until = System.nanoTime() + nanos;
        for (TopicPartition place : gone) {
            Partition partition = partitions.get(place);
            try {
                if (partition != null && !tasks.drain(partition.source, until - System.nanoTime()) && nanos > 0) {
                    log.warn("Tasks of {} are still in flight when it goes to another member; they are processed twice",
                            place);
                }
            } catch (InterruptedException e) {
                throw new InterruptException(e);
            }
        }
    }
}
