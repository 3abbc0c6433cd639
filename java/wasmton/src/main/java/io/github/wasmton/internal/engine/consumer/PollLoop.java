package io.github.wasmton.internal.engine.consumer;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.InFlightTasks;
import io.github.wasmton.internal.kafka.RecordHeaders;

/**
 * What the reading thread does: polls, starts tasks while there is room, and commits what is complete. It goes on polling
 * when there is none, with its partitions paused, or the group would take it for dead.
 */
final class PollLoop implements ConsumerRebalanceListener {
    private static final Logger log = LoggerFactory.getLogger(PollLoop.class);

    private static final Duration POLL = Duration.ofMillis(100);
    /** What a crash brings again. */
    private static final long COMMIT_INTERVAL_NANOS = Duration.ofSeconds(1).toNanos();
    private static final Duration COMMIT_LIMIT = Duration.ofSeconds(5);
    /** How long another member waits for the tasks of a partition that goes to it; what is not done then comes twice. */
    private static final long HAND_OVER_NANOS = Duration.ofSeconds(5).toNanos();

    private final Consumer<byte[], byte[]> consumer;
    private final String topic;
    private final InFlightTasks tasks;
    private final Map<TopicPartition, Partition> partitions = new HashMap<>();
    /** Read, and not started for want of room. */
    private final Deque<ConsumerRecord<byte[], byte[]>> waiting = new ArrayDeque<>();
    private long lastCommit = System.nanoTime();
    private volatile boolean assigned;
    private volatile boolean ending;
    private volatile long end;
    private volatile long limitNanos;
    private volatile boolean allEnded;

    private static final class Partition {
        final InFlightTasks.Source source = new InFlightTasks.Source();
        final OpenOffsets offsets = new OpenOffsets();
        /** The first that was read; -1 before. */
        private long first = -1;
        /** The last that was sent to be committed. */
        private long sent;

        void read(long offset) {
            offsets.open(offset);
            if (first < 0) {
                first = offset;
            }
        }

        /** The offset to commit, or -1 for none. The last commit repeats what may have been sent in vain. */
        long commit(boolean last) {
            long committable = offsets.committable();
            if (committable <= (last ? first : Math.max(first, sent))) {
                return -1;
            }
            sent = committable;
            return committable;
        }
    }

    PollLoop(Consumer<byte[], byte[]> consumer, String topic, InFlightTasks tasks) {
        this.consumer = consumer;
        this.topic = topic;
        this.tasks = tasks;
    }

    /** Until {@link #end}, or an exception. */
    void run() throws InterruptedException {
        try {
            consumer.subscribe(List.of(topic), this);
            while (!ending) {
                step(POLL);
                startWaiting(POLL.toNanos());
            }
            drain();
            commit(true);
        } finally {
            tasks.stop();
            allEnded = tasks.awaitIdle(0);
            consumer.close(CloseOptions.timeout(Duration.ofNanos(Math.max(limitNanos / 4, 1_000_000_000L)))
                    .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
        }
    }

    /** Ends the loop: waits for the tasks under way, commits, leaves the group, all within about that time. */
    void end(Duration limit) {
        limitNanos = limit.toNanos();
        end = System.nanoTime() + limitNanos;
        tasks.end();
        ending = true;
        consumer.wakeup();
    }

    /** Whether the partitions of this member are dealt out, and it reads. */
    boolean ready() {
        return assigned && !ending;
    }

    /** Whether no task was under way when the loop ended. */
    boolean allEnded() {
        return allEnded;
    }

    /** Polls once, for records only if there is room for them. */
    private void step(Duration time) {
        boolean room = waiting.isEmpty() && !tasks.isEnding();
        try {
            if (room) {
                consumer.resume(consumer.paused());
            } else {
                consumer.pause(consumer.assignment());
            }
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(room ? time : Duration.ZERO)) {
                waiting.add(record);
                partition(record).read(record.offset());
            }
        } catch (WakeupException e) {
            // Told to end.
        }
        if (System.nanoTime() - lastCommit >= COMMIT_INTERVAL_NANOS) {
            commit(false);
        }
    }

    /** Starts what there is room for, until all is started or it is time to poll again. */
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
            Thread.sleep(nanos / 1_000_000 / 10);  // somebody is about to call end()
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

    /** Half of the time is for the tasks, of which a half is for those that wait for their key. */
    private void drain() throws InterruptedException {
        waiting.clear();
        while (!tasks.awaitIdle(POLL.toNanos() / 2)) {
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

    /** Commits up to the first record of each partition that is not complete; the last time it waits for it. */
    private void commit(boolean last) {
        lastCommit = System.nanoTime();
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        partitions.forEach((place, partition) -> {
            long offset = partition.commit(last);
            if (offset >= 0) {
                offsets.put(place, new OffsetAndMetadata(offset));
            }
        });
        if (offsets.isEmpty()) {
            return;
        }
        try {
            if (last) {
                commitSync(offsets);
            } else {
                consumer.commitAsync(offsets, (sent, e) -> {
                    if (e != null) {
                        commitFailed(sent, e);
                    }
                });
            }
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            commitFailed(offsets, e);
        }
    }

    private void commitSync(Map<TopicPartition, OffsetAndMetadata> offsets) {
        try {
            consumer.commitSync(offsets, COMMIT_LIMIT);
        } catch (WakeupException e) {
            consumer.commitSync(offsets, COMMIT_LIMIT);  // it was for the poll, and comes once
        }
    }

    private void commitFailed(Map<TopicPartition, OffsetAndMetadata> offsets, Exception e) {
        log.warn("Offsets were not committed, and are next time: {}", e.toString());
        offsets.keySet().stream().map(partitions::get).filter(partition -> partition != null)
                .forEach(partition -> partition.sent = 0);
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> added) {
        added.forEach(place -> partitions.put(place, new Partition()));
        assigned = true;
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
        letGo(revoked, Math.min(HAND_OVER_NANOS, ending ? Math.max(0, end - System.nanoTime() - limitNanos / 2)
                : Long.MAX_VALUE));
        commit(true);
        partitions.keySet().removeAll(revoked);
    }

    /** Another member has them already: there is nothing to wait for, and nothing to commit. */
    @Override
    public void onPartitionsLost(Collection<TopicPartition> lost) {
        letGo(lost, 0);
        partitions.keySet().removeAll(lost);
    }

    private void letGo(Collection<TopicPartition> gone, long nanos) {
        assigned = false;
        waiting.removeIf(record -> gone.contains(placeOf(record)));
        long until = System.nanoTime() + nanos;
        for (TopicPartition place : gone) {
            Partition partition = partitions.get(place);
            try {
                if (partition != null && !tasks.drain(partition.source, until - System.nanoTime()) && nanos > 0) {
                    log.warn("Tasks of {} are still under way when it goes to another member; they come twice", place);
                }
            } catch (InterruptedException e) {
                throw new InterruptException(e);
            }
        }
    }
}
