package io.github.wasmton.internal.engine.decaton;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

import com.linecorp.decaton.processor.Completion;
import com.linecorp.decaton.processor.DecatonProcessor;
import com.linecorp.decaton.processor.ProcessingContext;

import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.Decision;
import io.github.wasmton.internal.engine.GuardedProcessor;
import io.github.wasmton.internal.engine.TaskProcessor;

/**
 * A Decaton processor that processes a task on the calling thread. Decaton counts a record as done as soon as
 * {@link #process} ends in any way, unless its completion was deferred. So this never throws, and defers and leaves
 * open a record that must not be committed.
 *
 * <p>It works with any {@code ProcessorScope}: concurrent threads have a {@link TaskProcessor} each.
 */
public final class SyncProcessor<T> implements DecatonProcessor<T>, RecordPlace.Aware {
    private final TaskSource<T> source;
    private final Function<Current<T>, TaskProcessor> runners;
    private final BooleanSupplier ending;
    private final Listener listener;
    /** First thread, whose lane no other thread uses: with the scope THREAD, the only one. */
    private Thread owner;
    private Lane owners;
    /** All lanes, and the free ones of other threads. */
    private final List<Lane> lanes = new ArrayList<>();
    private final Deque<Lane> idle = new ArrayDeque<>();
    private boolean closed;
    private volatile boolean over;

    /** Receives the ends of tasks that did not complete; must not block. */
    public interface Listener {
        /** Reports a failed task that has no destination. The processing thread calls it. */
        void stopped(Task task);

        /** Reports the reason why no task could be created or processed. The processing thread calls it. */
        void failed(Throwable e);

        /** Reports a task that was abandoned because everything ends. The processing thread calls it. */
        default void abandoned() {
        }

        /** Reports the close; {@code busy} if a task is in progress. The closing thread calls it. */
        default void closed(boolean busy) {
        }
    }

    /** The task that a task processor has. */
    public interface Current<T> {
        /** Completes a task from {@link TaskSource#first}. */
        Task whole(Task task);

        /** Passes data on to the next processor; the task's record is complete when that is, too. */
        void push(T data) throws InterruptedException;
    }

    /** A task processor, used by one thread at a time. */
    private final class Lane implements Current<T> {
        final List<Completion> pushed = new ArrayList<>();
        final TaskProcessor runner = new GuardedProcessor(runners.apply(this));
        ProcessingContext<T> context;
        T data;
        /** True during a task. Volatile, so that {@link #isBusy} sees it, or this thread sees that everything ends. */
        volatile boolean busy;

        @Override
        public Task whole(Task task) {
            return source.whole(context, data);
        }

        @Override
        public void push(T next) throws InterruptedException {
            pushed.add(context.push(next));
        }

        /** Leaves the record open until everything that was pushed is complete. */
        private void completeWithPushed() {
            if (!pushed.stream().allMatch(Completion::isComplete)) {
                context.deferCompletion().completeWith(CompletableFuture.allOf(pushed.stream()
                        .map(completion -> completion.asFuture().toCompletableFuture())
                        .toArray(CompletableFuture[]::new)));
            }
        }
    }

    /**
     * Creates a processor.
     *
     * @param runners creates the task processor of a thread
     * @param ending  true if the current task may not start; it may wait, and is called while {@link #isBusy}
     */
    public SyncProcessor(TaskSource<T> source, Function<Current<T>, TaskProcessor> runners,
            BooleanSupplier ending, Listener listener) {
        this.source = source;
        this.runners = runners;
        this.ending = ending;
        this.listener = listener;
    }

    @Override
    public void nextIsAt(RecordPlace place) {
        ((RecordPlace.Aware) source).nextIsAt(place);
    }

    @Override
    public void process(ProcessingContext<T> context, T data) {
        try {
            Lane lane = over ? null : take();
            if (lane == null || !process(lane, context, data)) {
                context.deferCompletion();
            }
        } catch (Throwable e) {
            over = true;
            context.deferCompletion();
            listener.failed(e);
        }
    }

    /** Processes a task. Returns whether it is complete. */
    private boolean process(Lane lane, ProcessingContext<T> context, T data) {
        lane.busy = true;
        try {
            if (ending.getAsBoolean() || over) {
                return false;
            }
            lane.context = context;
            lane.data = data;
            Task task = source.first(context, data);
            Decision decision = lane.runner.process(task);
            if (decision == Decision.COMPLETE) {
                if (!lane.pushed.isEmpty()) {
                    lane.completeWithPushed();
                }
                return true;
            }
            over = true;
            if (decision == Decision.STOP) {
                listener.stopped(lane.whole(task));
            } else {
                listener.abandoned();
            }
            return false;
        } finally {
            lane.context = null;
            lane.data = null;
            lane.pushed.clear();
            lane.busy = false;
            giveBack(lane);
        }
    }

    private Lane take() {
        // Only the owner compares equal here, and it sees its own write: no lock is needed.
        return Thread.currentThread() == owner ? owners : takeLocked();
    }

    private synchronized Lane takeLocked() {
        if (closed) {
            return null;
        }
        Lane lane = idle.poll();
        if (lane == null) {
            lane = new Lane();
            lanes.add(lane);
            if (owner == null) {
                owners = lane;
                owner = Thread.currentThread();
            }
        }
        return lane;
    }

    private void giveBack(Lane lane) {
        if (Thread.currentThread() != owner) {
            synchronized (this) {
                idle.push(lane);
            }
        }
    }

    /** Returns whether a task is in progress. */
    public synchronized boolean isBusy() {
        return lanes.stream().anyMatch(lane -> lane.busy);
    }

    /** Returns whether a task is in progress and does not only wait for its next attempt. */
    synchronized boolean isWorking() {
        return lanes.stream().anyMatch(lane -> lane.busy && !lane.runner.isWaiting());
    }

    /** Ends the back-offs of tasks in progress. */
    synchronized void endWait() {
        lanes.forEach(lane -> lane.runner.endWait());
    }

    @Override
    public String name() {
        return "Wasmton";
    }

    /** Closes the task processors; one in use ends after its task. */
    @Override
    public synchronized void close() {
        closed = true;
        over = true;
        listener.closed(isBusy());
        lanes.forEach(lane -> lane.runner.close());
        lanes.clear();
    }
}
