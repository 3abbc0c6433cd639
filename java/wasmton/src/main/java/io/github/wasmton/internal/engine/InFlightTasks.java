package io.github.wasmton.internal.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.wasmton.guest.Task;

/**
 * The open tasks of an engine, limited in number. Tasks with the same key and partition run one after the other in the
 * order in which they were added; tasks without a key run in any order. After the first {@link Decision} other than
 * COMPLETE no task is started. Any thread may use it.
 */
public final class InFlightTasks {
    private static final Logger log = LoggerFactory.getLogger(InFlightTasks.class);

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long CHECK_MILLIS = 10;

    private final AsyncTaskProcessor processor;
    private final int limit;
    private final Runnable onStop;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** Keys that have a task in flight, with the tasks waiting for them; null until one waits. */
    private final Map<TaskKey, ArrayDeque<Entry>> keys = new HashMap<>();
    /** Number of tasks in flight or waiting for their key. */
    private int open;
    private int running;
    private boolean ending;
    private boolean stopped;
    private boolean paused;
    /** Keys that have waiting tasks and none running because of the pause. */
    private final Set<TaskKey> pausedKeys = new HashSet<>();

    /** Partition as an origin of tasks; tasks of an origin that is gone are not started any more. */
    public static final class Source {
        private volatile int partition = -1;
        private int running;
        private boolean gone;
    }

    private record Entry(Task task, long since, Source source, TaskKey key, Runnable onComplete) {}

    /** Creates an empty set of tasks. Any thread may run {@code onStop}, at each decision to stop. */
    public InFlightTasks(AsyncTaskProcessor processor, int limit, Runnable onStop) {
        this.processor = processor;
        this.limit = limit;
        this.onStop = onStop;
    }

    /**
     * Starts a task, at once or when its predecessor with the same key is complete. Waits while too many are open.
     *
     * @param onComplete called by any thread when the task is complete; never called for a task that does not complete
     * @return false if there was no room in time, or no tasks are accepted for now or ever
     */
    public boolean add(Task task, Source source, Runnable onComplete, long nanos) throws InterruptedException {
        TaskKey key = TaskKey.of(task);
        Entry entry = new Entry(task, System.nanoTime(), source, key, onComplete);
        source.partition = task.partition();
        lock.lock();
        try {
            for (long left = nanos; open >= limit && accepts(source); left = changed.awaitNanos(left)) {
                if (left <= 0) {
                    return false;
                }
            }
            if (!accepts(source)) {
                return false;
            }
            open++;
            if (key != null && keys.containsKey(key)) {
                keys.computeIfAbsent(key, k -> new ArrayDeque<>()).add(entry);
                return true;
            }
            if (key != null) {
                keys.put(key, null);
            }
            begin(entry);
        } finally {
            lock.unlock();
        }
        run(entry);
        return true;
    }

    private boolean accepts(Source source) {
        return !ending && !paused && !source.gone;
    }

    /** Counts a task as started. The caller holds the lock. */
    private void begin(Entry entry) {
        running++;
        entry.source.running++;
    }

    /** Runs a task, and then tasks that wait for its key. */
    private void run(Entry first) {
        for (Entry entry = first; entry != null; ) {
            Entry running = entry;
            CompletableFuture<Decision> decision = start(running);
            if (!decision.isDone()) {
                decision.whenComplete((decided, thrown) -> run(end(running, decided, thrown)));
                return;
            }
            // A loop, because calls would nest without limit if the processor never waits.
            entry = decision.handle((decided, thrown) -> end(running, decided, thrown)).join();
        }
    }

    private CompletableFuture<Decision> start(Entry entry) {
        try {
            return processor.process(entry.task, entry.since);
        } catch (Throwable e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Ends a task; returns the next one to run, or null. */
    private Entry end(Entry entry, Decision decided, Throwable thrown) {
        Decision decision = decided == null ? Decision.STOP : decided;
        if (decided == null) {
            log.error("The processor itself failed at {}", entry.task, thrown);
        }
        if (decision == Decision.COMPLETE) {
            complete(entry);
        }
        Entry next;
        lock.lock();
        try {
            open--;
            running--;
            entry.source.running--;
            // An abandoned task of a partition that goes is no reason to stop the others.
            if (decision == Decision.STOP || decision == Decision.ABANDON && !entry.source.gone) {
                stopNow();
            }
            next = next(entry.key);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (decision == Decision.STOP) {
            onStop.run();
        }
        return next;
    }

    private static void complete(Entry entry) {
        try {
            entry.onComplete.run();
        } catch (Throwable e) {
            log.error("The engine failed at the completion of {}; it will come again", entry.task, e);
        }
    }

    /** Returns the next task of that key and counts it as started. The caller holds the lock. */
    private Entry next(TaskKey key) {
        ArrayDeque<Entry> waiting = key == null ? null : keys.get(key);
        if (paused && waiting != null && !waiting.isEmpty()) {
            pausedKeys.add(key);
            return null;
        }
        while (waiting != null && !waiting.isEmpty()) {
            Entry next = waiting.poll();
            if (!stopped && !next.source.gone) {
                begin(next);
                return next;
            }
            open--;
        }
        keys.remove(key);
        return null;
    }

    /** Stops. The caller holds the lock. */
    private void stopNow() {
        ending = true;
        stopped = true;
        changed.signalAll();
    }

    /** Starts no more tasks, not even those that wait for their key. */
    public void stop() {
        lock.lock();
        try {
            stopNow();
        } finally {
            lock.unlock();
        }
    }

    /** Accepts no more tasks. Open ones go on, including those that wait for their key. */
    public void end() {
        lock.lock();
        try {
            ending = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Returns whether no more tasks are accepted. */
    public boolean isEnding() {
        lock.lock();
        try {
            return ending;
        } finally {
            lock.unlock();
        }
    }

    /** Starts no more tasks until {@link #resume}. */
    public void pause() {
        lock.lock();
        try {
            paused = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        processor.flush();
    }

    /** Starts tasks again, first those that wait for their key. */
    public void resume() {
        List<Entry> next = new ArrayList<>();
        lock.lock();
        try {
            paused = false;
            for (TaskKey key : pausedKeys) {
                Entry first = next(key);
                if (first != null) {
                    next.add(first);
                }
            }
            pausedKeys.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        next.forEach(this::run);
    }

    /** Starts no more tasks of that source, and ends the back-offs of those in flight. */
    public void forget(Source source) {
        lock.lock();
        try {
            source.gone = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        processor.endWaits(partition -> partition == source.partition);
    }

    /** Does the same as {@link #forget}, and waits for the tasks in flight. Returns whether they ended in time. */
    public boolean drain(Source source, long nanos) throws InterruptedException {
        long end = System.nanoTime() + nanos;
        while (true) {
            forget(source);  // again, for a task that fails meanwhile
            long left = end - System.nanoTime();
            if (awaitNone(source, Math.min(left, LOOK_NANOS))) {
                return true;
            } else if (left <= 0) {
                return false;
            }
        }
    }

    private boolean awaitNone(Source source, long nanos) throws InterruptedException {
        lock.lock();
        try {
            for (long left = nanos; source.running > 0; left = changed.awaitNanos(left)) {
                if (left <= 0) {
                    return false;
                }
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until no task is being processed; those in a back-off do not count. Returns whether that was in time. */
    public boolean awaitWaiting(long nanos) throws InterruptedException {
        long end = System.nanoTime() + nanos;
        while (running() > processor.waiting()) {
            if (System.nanoTime() - end > 0) {
                return false;
            }
            Thread.sleep(CHECK_MILLIS);
        }
        return true;
    }

    private int running() {
        lock.lock();
        try {
            return running;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until no task is in flight or waiting for its key. Returns whether that happened in time. */
    public boolean awaitIdle(long nanos) throws InterruptedException {
        lock.lock();
        try {
            for (long left = nanos; running > 0; left = changed.awaitNanos(left)) {
                if (left <= 0) {
                    return false;
                }
            }
            return true;
        } finally {
            lock.unlock();
        }
    }
}
