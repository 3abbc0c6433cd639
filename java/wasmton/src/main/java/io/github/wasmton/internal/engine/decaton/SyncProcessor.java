package io.github.wasmton.internal.engine.decaton;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.UnaryOperator;

import com.linecorp.decaton.processor.DecatonProcessor;
import com.linecorp.decaton.processor.ProcessingContext;

import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.Decision;
import io.github.wasmton.internal.engine.GuardedProcessor;
import io.github.wasmton.internal.engine.TaskProcessor;

/**
 * A Decaton processor that processes a task on the thread that brings it. Decaton counts a record as done as soon as
 * {@link #process} ends, however it ends, unless its completion was deferred: so nothing is thrown out of here, and a
 * record that must not be committed is deferred and left open.
 *
 * <p>Any {@code ProcessorScope} will do: threads that come at the same time have a {@link TaskProcessor} each.
 */
public final class SyncProcessor<T> implements DecatonProcessor<T>, RecordPlace.Aware {
    private final TaskSource<T> source;
    private final Function<UnaryOperator<Task>, TaskProcessor> runners;
    private final BooleanSupplier ending;
    private final Listener listener;
    /** The first thread that came, whose lane no other thread uses: with the scope THREAD, the only one. */
    private Thread owner;
    private Lane owners;
    /** All lanes, and those of other threads that no thread uses. */
    private final List<Lane> lanes = new ArrayList<>();
    private final Deque<Lane> idle = new ArrayDeque<>();
    private boolean closed;
    private volatile boolean over;

    /** Receives the ends that are not completions; must not block. */
    public interface Listener {
        /** Called by the processing thread at a task that failed and can go nowhere. */
        void stopped(Task task);

        /** Called by the processing thread where no task could be made or processed, with the reason. */
        void failed(Throwable e);

        /** Called by the processing thread at a task that was given up because everything ends. */
        default void abandoned() {
        }

        /** Called by the closing thread; {@code busy} if a task is in progress. */
        default void closed(boolean busy) {
        }
    }

    /** A task processor, used by one thread at a time. */
    private final class Lane {
        final TaskProcessor runner = new GuardedProcessor(runners.apply(this::whole));
        ProcessingContext<T> context;
        T data;
        /** Volatile, so that {@link #isBusy} sees it, or this thread sees that everything ends. */
        volatile boolean busy;

        private Task whole(Task task) {
            return source.whole(context, data);
        }
    }

    /**
     * Makes a processor.
     *
     * @param runners makes the task processor of a thread; it may complete a task from {@link TaskSource#first} by the
     *                function that it is given
     * @param ending  whether the task at hand is not to begin, nor any after it; asked while {@link #isBusy}
     */
    public SyncProcessor(TaskSource<T> source, Function<UnaryOperator<Task>, TaskProcessor> runners,
            BooleanSupplier ending, Listener listener) {
        this.source = source;
        this.runners = runners;
        this.ending = ending;
        this.listener = listener;
    }

    @Override
    public void nextIsAt(int partition, long offset) {
        ((RecordPlace.Aware) source).nextIsAt(partition, offset);
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

    /** Returns whether the task is complete. */
    private boolean process(Lane lane, ProcessingContext<T> context, T data) {
        lane.busy = true;
        try {
            if (ending.getAsBoolean()) {
                return false;
            }
            lane.context = context;
            lane.data = data;
            Task task = source.first(context, data);
            Decision decision = lane.runner.process(task);
            if (decision == Decision.COMPLETE) {
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
            lane.busy = false;
            giveBack(lane);
        }
    }

    private Lane take() {
        // Only the owner finds itself here, and it sees what it wrote: no lock is needed.
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

    @Override
    public String name() {
        return "Wasmton";
    }

    /** Closes the task processors; where one is in use, its task is the last one. */
    @Override
    public synchronized void close() {
        closed = true;
        over = true;
        listener.closed(isBusy());
        lanes.forEach(lane -> lane.runner.close());
        lanes.clear();
    }
}
