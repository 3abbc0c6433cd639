package io.github.wasmton.internal.run;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntPredicate;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.wasmton.guest.Guest;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.stats.TaskCounters;

/**
 * Collects the first attempts at tasks into batches, each for one guest on a thread of its own. A batch begins when it
 * has as many tasks as it may, or when one of them has waited for the linger time. Further attempts are batches of one.
 *
 * <p>If a batch fails as a whole, each of its tasks is then once a batch of one, in their order, so that a bad record
 * fails no other task. That is their first attempt: the failed batch counts as no task's attempt.
 */
public final class Batches implements Attempts {
    /** Default number of tasks of a batch. */
    public static final int DEFAULT_SIZE = 100;
    /** Default time that a task waits for others. */
    public static final Duration DEFAULT_LINGER = Duration.ofMillis(100);

    private static final Logger log = LoggerFactory.getLogger(Batches.class);

    private final GuestModule module;
    private final RunContext context;
    private final TaskCounters counters;
    private final int size;
    private final long linger;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** Attempts that wait for a batch. */
    private final Deque<Waiting> collected = new ArrayDeque<>();
    /** Attempts that are batches of one. */
    private final Deque<Waiting> single = new ArrayDeque<>();
    private final List<Worker> workers = new ArrayList<>();
    /** Start of the longest wait in {@link #collected}; has no meaning if that is empty. */
    private long oldest;
    /** True while the collected attempts begin at once. */
    private boolean flushing;
    private boolean ending;
    private volatile boolean closed;

    private record Waiting(Attempt attempt, CompletableFuture<Outcome> outcome) {
        int partition() {
            return attempt.task().partition();
        }
    }

    /**
     * Starts the threads. The module and the context must outlive this.
     *
     * @param size    most tasks of a batch
     * @param linger  longest time that a task waits for others
     * @param threads number of guests
     */
    public Batches(GuestModule module, RunContext context, int size, Duration linger, int threads) {
        this.module = module;
        this.context = context;
        this.counters = context.counters();
        this.size = size;
        this.linger = linger.toNanos();
        for (int i = 0; i < threads; i++) {
            workers.add(new Worker());
        }
        for (int i = 0; i < threads; i++) {
            Thread thread = new Thread(null, workers.get(i), "wasmton-batch-" + i,
                    module.options().limits().threadStack());
            thread.setDaemon(true);
            thread.start();
        }
    }

    @Override
    public CompletableFuture<Outcome> start(Attempt attempt) {
        Waiting waiting = new Waiting(attempt, new CompletableFuture<>());
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("no task can begin any more");
            }
            if (attempt.first()) {
                boolean older = collected.isEmpty() || attempt.since() - oldest < 0;
                oldest = older ? attempt.since() : oldest;
                collected.add(waiting);
                if (older || collected.size() >= size) {
                    changed.signal();
                }
            } else {
                single.add(waiting);
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
        return waiting.outcome;
    }

    @Override
    public void flush() {
        lock.lock();
        try {
            flushing = !collected.isEmpty();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void endWaits(IntPredicate partitions) {
        List<Waiting> gone = new ArrayList<>();
        lock.lock();
        try {
            remove(collected, partitions, gone);
            remove(single, partitions, gone);
            workers.forEach(worker -> remove(worker.isolated, partitions, gone));
        } finally {
            lock.unlock();
        }
        gone.forEach(Batches::abandon);
    }

    private static void remove(Deque<Waiting> all, IntPredicate partitions, List<Waiting> removed) {
        all.removeIf(waiting -> partitions.test(waiting.partition()) && removed.add(waiting));
    }

    private static void abandon(Waiting waiting) {
        waiting.outcome.completeExceptionally(new CancellationException());
    }

    @Override
    public void end() {
        lock.lock();
        try {
            ending = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Abandons all attempts. A guest that has a batch is closed when it returns. */
    @Override
    public void close() {
        List<Waiting> all = new ArrayList<>();
        lock.lock();
        try {
            closed = true;
            remove(collected, partition -> true, all);
            remove(single, partition -> true, all);
            workers.forEach(worker -> {
                remove(worker.isolated, partition -> true, all);
                all.addAll(worker.current);
            });
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        all.forEach(Batches::abandon);
    }

    /** One thread with its guest. */
    private final class Worker implements Runnable {
        /** Tasks of a failed batch that are still to be batches of one. */
        private final Deque<Waiting> isolated = new ArrayDeque<>();
        /** The batch that the guest has. */
        private List<Waiting> current = List.of();
        private Guest guest;

        @Override
        public void run() {
            try {
                for (List<Waiting> batch = next(); batch != null; batch = next()) {
                    try {
                        process(batch);
                    } catch (Throwable e) {
                        // What has an outcome already keeps it.
                        batch.forEach(waiting -> waiting.outcome.complete(TaskRunner.notRun(e)));
                    }
                }
            } catch (InterruptedException e) {
                log.error("A thread of batches was interrupted, which nothing here does");
            } finally {
                if (guest != null) {
                    guest.close();
                }
            }
        }

        /** Waits for a batch; {@code null} at the end. */
        private List<Waiting> next() throws InterruptedException {
            lock.lock();
            try {
                while (!closed) {
                    Deque<Waiting> alone = isolated.isEmpty() ? single : isolated;
                    if (!alone.isEmpty()) {
                        return take(alone, 1);
                    }
                    if (collected.isEmpty()) {
                        changed.await();
                        continue;
                    }
                    long left = linger - (System.nanoTime() - oldest);
                    if (left <= 0 || flushing || ending || collected.size() >= size) {
                        List<Waiting> batch = take(collected, size);
                        settle();
                        return batch;
                    }
                    changed.awaitNanos(left);
                }
                return null;
            } finally {
                lock.unlock();
            }
        }

        /** Looks after the tasks that are left behind a batch. */
        private void settle() {
            if (collected.isEmpty()) {
                flushing = false;
                return;
            }
            oldest = collected.peek().attempt.since();
            for (Waiting waiting : collected) {
                long since = waiting.attempt.since();
                oldest = since - oldest < 0 ? since : oldest;
            }
            changed.signal();
        }

        private List<Waiting> take(Deque<Waiting> from, int most) {
            List<Waiting> taken = new ArrayList<>(Math.min(most, from.size()));
            while (taken.size() < most && !from.isEmpty()) {
                taken.add(from.poll());
            }
            current = taken;
            return taken;
        }

        private void process(List<Waiting> given) {
            List<Waiting> rest = given;
            while (!rest.isEmpty() && !closed) {
                rest.forEach(waiting -> waiting.attempt.state().guest());
                Guest.Batch end = run(rest.stream().map(waiting -> waiting.attempt.task()).toList());
                rest.forEach(waiting -> waiting.attempt.state().waiting());
                List<Waiting> had = rest.subList(0, end.size());
                rest = rest.subList(end.size(), rest.size());
                if (end.failure() == null) {
                    for (int i = 0; i < had.size(); i++) {
                        had.get(i).outcome.complete(end.outcomes().get(i));
                    }
                } else if (had.size() == 1 || end.failure().kind() == Outcome.Kind.HOST) {
                    had.forEach(waiting -> waiting.outcome.complete(end.failure()));  // HOST is no task's fault
                } else {
                    isolate(had, end.failure());
                }
            }
            lock.lock();
            try {
                current = List.of();
            } finally {
                lock.unlock();
            }
        }

        private void isolate(List<Waiting> failed, Outcome.Failed failure) {
            context.settlement().batchFailed(failed.get(0).attempt.task(), failed.size(), failure);
            boolean late;
            lock.lock();
            try {
                late = closed;
                if (!late) {
                    isolated.addAll(failed);
                }
            } finally {
                lock.unlock();
            }
            if (late) {
                failed.forEach(Batches::abandon);
            }
        }

        private Guest.Batch run(List<Task> tasks) {
            Guest.Batch end;
            long start = System.nanoTime();
            try {
                if (guest == null) {
                    guest = module.instantiate();
                    counters.countInstance();
                }
                start = System.nanoTime();
                end = guest.processBatch(tasks);
            } catch (Throwable e) {
                end = new Guest.Batch(tasks.size(), List.of(), TaskRunner.notRun(e));
            }
            counters.countBatch(end.size());
            counters.countTime((System.nanoTime() - start) / end.size(), end.size());
            if (end.failure() != null && end.failure().kind().endsInstance() && guest != null) {
                // The next one is made here, not in Rust, so that a failed start differs from a failed batch.
                guest.close();
                guest = null;
                counters.countReplaced();
            }
            return end;
        }
    }
}
