package io.github.wasmton.internal.engine.consumer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.Decision;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.GuardedProcessor;
import io.github.wasmton.internal.engine.TaskProcessor;
import io.github.wasmton.internal.kafka.RecordHeaders;

/**
 * One member of the group that processes one task at a time. The worker thread polls and processes the records. It
 * polls for the group between two tasks, at least every 100 ms, so that a rebalance waits for one task and not for all
 * records of a poll. While a task takes longer than that, the keeper thread polls in its place, so that no attempt and
 * no back-off is too long for {@code max.poll.interval.ms}.
 *
 * <p>The consumer belongs to the thread that holds the lock. The worker releases it while it has tasks, at the cost of
 * reading one flag before each.
 */
final class TaskLoop implements ConsumerRebalanceListener {
    private static final Logger log = LoggerFactory.getLogger(TaskLoop.class);

    private static final long LOOK_NANOS = GroupMember.POLL.toNanos();
    /** Longest wait for the task of a partition that goes to another member; an unfinished task is processed twice. */
    private static final long HAND_OVER_NANOS = Duration.ofSeconds(30).toNanos();
    private static final long NEVER = Long.MAX_VALUE;

    private final GroupMember member;
    private final String topic;
    private final Supplier<? extends TaskProcessor> processors;
    private final Events events;
    private final long handOverNanos;
    private final Thread worker;
    private final Thread keeper;

    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by the lock:
    private final Map<TopicPartition, Partition> partitions = new HashMap<>();
    private TaskProcessor processor;
    private long lastCommit = System.nanoTime();

    /** Asks the worker to poll for the group before its next task. */
    private volatile boolean look;
    private volatile boolean ending;
    /** True if the worker has, or needs, the lock before its next task: no task is being processed. */
    private volatile boolean idle = true;
    /** Partition of the task in progress, or of the last one. */
    private volatile Partition current;
    /** Thread that waits for the worker to be idle. */
    private volatile Thread waiting;
    private volatile long lastPoll = System.nanoTime();
    private volatile boolean broken;
    /** Time after which a task is not waited for any more; {@link #NEVER} until {@link #close}. */
    private final AtomicLong deadline = new AtomicLong(NEVER);
    private volatile Duration closeLimit = Duration.ofSeconds(5);
    private volatile boolean inTime = true;
    private final CountDownLatch finished = new CountDownLatch(1);

    /** Receives events of a loop that concern the others too. Threads of the loop call it. */
    interface Events {
        /** Stops all loops, because a task must not be committed; {@code failed} if it failed. */
        void stop(boolean failed);

        /** Reports that the consumer ended by itself. */
        void died(Throwable e);
    }

    private static final class Partition {
        final TopicPartition place;
        /** Offset after the last complete task; -1 before the first. */
        final AtomicLong next = new AtomicLong(-1);
        /** Last offset that was sent in a commit; guarded by the lock. */
        long sent = -1;
        volatile boolean gone;
        /** Offset after everything that was read; -1 before the first poll. */
        private long position = -1;

        Partition(TopicPartition place) {
            this.place = place;
        }

        /**
         * Returns whether something was read, even if only markers of transactions.
         *
         * @param start returns the offset where reading began
         */
        boolean readUpTo(long offset, boolean records, LongSupplier start) {
            boolean moved = records || offset > (position >= 0 ? position : start.getAsLong());
            position = offset;
            return moved;
        }
    }

    /** Records of a poll, and the offset after them. */
    private record Fetched(Partition partition, List<ConsumerRecord<byte[], byte[]>> records, long next) {}

    /**
     * Creates the member.
     *
     * @param number the number of the loop in the engine; -1 for the only one
     */
    TaskLoop(EngineConfig config, int number, Events events) {
        member = new GroupMember(config, number);
        topic = config.topic();
        processors = config.processors();
        this.events = events;
        handOverNanos = Math.min(HAND_OVER_NANOS, pollIntervalNanos(config) / 2);
        String name = "wasmton-" + config.topic() + (number < 0 ? "" : "-" + number);
        worker = new Thread(null, this::work, name, config.threadStack());
        keeper = new Thread(this::keep, name + "-keeper");
    }

    private static long pollIntervalNanos(EngineConfig config) {
        String given = config.kafka().forConsumer().get(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG);
        return given != null && given.matches("[0-9]{1,10}") ? TimeUnit.MILLISECONDS.toNanos(Long.parseLong(given))
                : NEVER;
    }

    void start() {
        worker.start();
        keeper.start();
    }

    /** Closes a loop that was never started. */
    void discard() {
        member.close(Duration.ZERO);
    }

    /** Returns whether this member has its share of the partitions. */
    boolean ready() {
        return !ending && member.ready();
    }

    /** Starts no more tasks, commits, and leaves the group, after the task in progress has ended. */
    void end() {
        ending = true;
        look = true;
    }

    /** Sets the time within which {@link #end} must finish, with or without the task in progress. */
    void endWithin(Duration limit) {
        long rest = Math.min(limit.toNanos() / 4, Duration.ofSeconds(3).toNanos());
        closeLimit = Duration.ofNanos(Math.max(rest / 2, Duration.ofSeconds(1).toNanos()));
        deadline.set(System.nanoTime() + limit.toNanos() - rest);
        end();
    }

    /** Waits for the end. Returns whether it came within that time, without leaving a task behind. */
    boolean awaitEnd(long nanos) throws InterruptedException {
        return finished.await(nanos, TimeUnit.NANOSECONDS) && inTime;
    }

    // ---- the worker ----

    private void work() {
        lock.lock();
        try {
            processor = new GuardedProcessor(processors.get());
            member.subscribe(this);
            while (!ending) {
                process(fetched(poll()));
                tend();
            }
        } catch (Throwable e) {
            events.died(e);
        } finally {
            finish();
            lock.unlock();
        }
    }

    private ConsumerRecords<byte[], byte[]> poll() {
        lastPoll = System.nanoTime();
        return member.poll(GroupMember.POLL);
    }

    private List<Fetched> fetched(ConsumerRecords<byte[], byte[]> records) {
        List<Fetched> all = new ArrayList<>();
        records.nextOffsets().forEach((place, next) -> {
            Partition partition = partitions.get(place);
            if (partition == null) {
                throw new IllegalStateException("records of " + place + ", which is not this member's");
            }
            List<ConsumerRecord<byte[], byte[]>> ofPartition = records.records(place);
            if (partition.readUpTo(next.offset(), !ofPartition.isEmpty(), () -> member.committed(place))) {
                all.add(new Fetched(partition, ofPartition, next.offset()));
            }
        });
        return all;
    }

    private void process(List<Fetched> all) {
        if (all.isEmpty()) {
            return;
        }
        current = all.get(0).partition;
        release();
        try {
            for (Fetched fetched : all) {
                current = fetched.partition;
                // In this order: the thread that revokes the partition reads both in the other order.
                if (ending || fetched.partition.gone || !process(fetched)) {
                    continue;
                }
                fetched.partition.next.setRelease(fetched.next);  // also after markers of transactions
            }
        } finally {
            acquire();
        }
    }

    /** Processes fetched records. Returns whether all its tasks are complete. */
    private boolean process(Fetched fetched) {
        Partition partition = fetched.partition;
        List<ConsumerRecord<byte[], byte[]>> records = fetched.records;
        if (processor.series() > 1) {
            return processMany(partition, records);
        }
        for (int i = 0, count = records.size(); i < count; i++) {
            if (look && !goOn(partition)) {
                return false;
            }
            ConsumerRecord<byte[], byte[]> record = records.get(i);
            Decision decision = processor.process(task(record));
            if (decision != Decision.COMPLETE) {
                notComplete(decision, partition);
                return false;
            }
            partition.next.setRelease(record.offset() + 1);
        }
        return true;
    }

    /**
     * Processes records for a processor that takes many tasks at once, which returns soon, so that the group need not
     * wait. Returns whether all its tasks are complete.
     */
    private boolean processMany(Partition partition, List<ConsumerRecord<byte[], byte[]>> records) {
        List<Task> tasks = new ArrayList<>();
        int done = 0;
        while (done < records.size()) {
            if (look && !goOn(partition)) {
                return false;
            }
            int count = Math.min(records.size() - done, processor.series());
            while (tasks.size() < count) {
                tasks.add(task(records.get(done + tasks.size())));
            }
            TaskProcessor.Progress progress = processor.process(tasks.subList(0, count));
            if (progress.complete() > 0) {
                done += progress.complete();
                partition.next.setRelease(records.get(done - 1).offset() + 1);
                tasks.subList(0, progress.complete()).clear();
            }
            if (progress.decision() != Decision.COMPLETE) {
                notComplete(progress.decision(), partition);
                return false;
            }
        }
        return true;
    }

    private Task task(ConsumerRecord<byte[], byte[]> record) {
        return new Task(topic, record.partition(), record.offset(), record.timestamp(), record.key(), record.value(),
                RecordHeaders.of(record.headers()), 1);
    }

    private void notComplete(Decision decision, Partition partition) {
        if (decision == Decision.ABANDON && partition.gone) {
            return;  // the partition's new member processes it
        }
        ending = true;  // here at once; the engine tells the other loops
        events.stop(decision == Decision.STOP);
    }

    /** Polls for the group between two tasks. Returns whether the partition's next task may be processed. */
    private boolean goOn(Partition partition) {
        acquire();
        try {
            look = false;
            if (!ending) {
                pollPaused();
                tend();
            }
        } finally {
            release();
        }
        return !ending && !partition.gone;
    }

    private void acquire() {
        idle = true;
        Thread waiter = waiting;
        if (waiter != null) {
            LockSupport.unpark(waiter);
        }
        lock.lock();
    }

    private void release() {
        idle = false;
        lock.unlock();
    }

    // ---- the keeper ----

    private void keep() {
        while (finished.getCount() > 0) {
            LockSupport.parkNanos(LOOK_NANOS);
            if (!idle && look) {
                hold();  // the worker was asked before, and is still busy
            } else if (!idle && System.nanoTime() - lastPoll > LOOK_NANOS) {
                look = true;
            }
        }
    }

    /** Polls in place of the worker while it has a task. */
    private void hold() {
        if (!lock.tryLock()) {
            return;
        }
        try {
            if (idle || finished.getCount() == 0) {
                return;
            }
            if (ending && System.nanoTime() - deadline.get() > 0 && deadline.get() != NEVER) {
                finish();
            } else if (!broken) {
                if (current.gone) {
                    processor.endWait();  // nobody waits for that task any more
                }
                pollPaused();
                tend();
            }
        } catch (Throwable e) {
            broken = true;
            events.died(e);
        } finally {
            lock.unlock();
        }
    }

    // ---- with the lock, by either ----

    private void pollPaused() {
        lastPoll = System.nanoTime();
        member.pollPaused();
    }

    /** Commits and checks the topic, once a second. */
    private void tend() {
        long now = System.nanoTime();
        if (now - lastCommit < GroupMember.COMMIT_NANOS || ending) {
            return;
        }
        lastCommit = now;
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (Partition partition : partitions.values()) {
            long next = partition.next.getAcquire();
            if (next > partition.sent) {
                partition.sent = next;
                offsets.put(partition.place, new OffsetAndMetadata(next));
            }
        }
        member.commitAsync(offsets, this::commitFailed);
        member.checkTopic();
    }

    private void commitFailed(Set<TopicPartition> places) {
        for (TopicPartition place : places) {
            Partition partition = partitions.get(place);
            if (partition != null) {
                partition.sent = -1;
            }
        }
    }

    private Map<TopicPartition, OffsetAndMetadata> complete(Collection<TopicPartition> places) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (TopicPartition place : places) {
            Partition partition = partitions.get(place);
            if (partition != null && partition.next.getAcquire() >= 0) {
                // Again, because an earlier commit may have failed.
                offsets.put(place, new OffsetAndMetadata(partition.next.getAcquire()));
            }
        }
        return offsets;
    }

    private void finish() {
        if (finished.getCount() == 0) {
            return;
        }
        ending = true;
        inTime = idle;
        try {
            member.commitLast(() -> complete(partitions.keySet()), closeLimit);
        } catch (Throwable e) {
            log.error("Tasks that are complete were not committed, and come again", e);
        }
        partitions.clear();
        try {
            member.close(closeLimit);
        } catch (Throwable e) {
            log.error("Kafka's consumer did not close cleanly", e);
        }
        if (processor != null) {
            processor.close();
        }
        finished.countDown();
    }

    // ---- rebalances, within a poll ----

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> added) {
        added.forEach(place -> partitions.put(place, new Partition(place)));
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
        letGo(revoked);
        awaitTask();
        Map<TopicPartition, OffsetAndMetadata> offsets = complete(revoked);
        partitions.keySet().removeAll(revoked);
        try {
            member.commitSync(offsets);
        } catch (KafkaException e) {
            log.warn("Tasks of {} that are complete were not committed, and come again: {}", offsets.keySet(),
                    e.toString());
        }
    }

    /** Gives up partitions that another member already has: nothing to wait for, and nothing to commit. */
    @Override
    public void onPartitionsLost(Collection<TopicPartition> lost) {
        letGo(lost);
        partitions.keySet().removeAll(lost);
    }

    private void letGo(Collection<TopicPartition> places) {
        for (TopicPartition place : places) {
            Partition partition = partitions.get(place);
            if (partition != null) {
                partition.gone = true;
            }
        }
    }

    /** Waits for the task in progress if its partition goes. Only the keeper ever needs to. */
    private void awaitTask() {
        if (idle) {
            return;
        }
        look = true;
        long until = System.nanoTime() + Math.min(handOverNanos, ending && deadline.get() != NEVER
                ? deadline.get() - System.nanoTime() : NEVER);
        waiting = Thread.currentThread();
        while (!idle && current.gone) {
            long left = until - System.nanoTime();
            if (left <= 0) {
                log.warn("A task of {} is still in progress when it goes to another member; it is processed twice",
                        current.place);
                break;
            }
            processor.endWait();
            LockSupport.parkNanos(Math.min(left, LOOK_NANOS));
        }
        waiting = null;
    }
}
