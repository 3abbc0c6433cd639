package io.github.wasmton.internal.run;

import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

import io.github.wasmton.failure.Verdict;
import io.github.wasmton.guest.Guest;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Protocol;
import io.github.wasmton.guest.StateStores;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.Decision;
import io.github.wasmton.internal.engine.Effects;
import io.github.wasmton.internal.engine.EngineException;
import io.github.wasmton.internal.engine.TaskProcessor;
import io.github.wasmton.internal.stats.TaskCounters;
import io.github.wasmton.internal.stats.ThreadState;
import io.github.wasmton.wasmtime.WasmtimeException;

/**
 * Runs the tasks of one thread in a guest of its own, and brings each failed one to the end that the policy decides. A
 * task that succeeds takes no lock and allocates nothing on its way.
 */
public final class TaskRunner implements TaskProcessor {
    /**
     * Number of attempts that are all timed; after them, one in this many is. Clocks and counting cost about 100 ns,
     * and a small task takes 90 in all.
     */
    private static final int TIMED = 32;
    /** Duration that makes the cost of a clock negligible: after a longer attempt, the next is timed, too. */
    private static final long SLOW_NANOS = 20_000;
    /** Most tasks of a series; by then, what is done once for each series costs nothing. */
    private static final int MOST_TASKS = 100;

    private final GuestModule module;
    private final RunContext context;
    private final TaskCounters counters;
    private final UnaryOperator<Task> whole;
    /** True if the guest gets a single task as a batch of one. */
    private final boolean batches;
    private volatile Guest guest;  // volatile for close(), which may come from another thread
    private volatile boolean closed;
    private final Waits waits;
    private final Products products;
    private final ThreadState state;
    private int timed;
    private int untilTimed;
    private int untimed;
    /** Weight of the last sampled attempt; 0 if it was not timed. */
    private int weight;
    /** Number of tasks that the next series should have. */
    private int series;
    /** Effects of the task in progress; {@code null} on an engine that leaves them to this runner. */
    private Effects effects;
    /** Outcome of the last task of a series, which the next call settles; {@code null} for none. */
    private Outcome left;
    private Task leftTask;

    /**
     * Makes a runner. The module and the context must outlive it. The first task makes the guest, on its thread.
     */
    public TaskRunner(GuestModule module, RunContext context) {
        this(module, context, task -> task, value -> {
            throw new IllegalStateException("there is no next processor");
        });
    }

    /**
     * Makes a runner for tasks whose further fields are looked up when they are needed.
     *
     * @param whole completes a task that failed
     * @param next  takes the outputs for the next processor
     */
    public TaskRunner(GuestModule module, RunContext context, UnaryOperator<Task> whole, Downstream next) {
        this.module = module;
        this.context = context;
        this.counters = context.counters();
        this.whole = whole;
        this.waits = new Waits(context.shutdown(), () -> closed);
        this.products = new Products(context, next, waits);
        this.batches = module.takesBatches();
        this.state = counters.begin();
        this.series = module.protocol() == Protocol.ONE ? 2 : 1;
    }

    @Override
    public Decision process(Task task) {
        try {
            return ended(task, attempt(task));
        } finally {
            state.idle();
        }
    }

    /** Brings a task to its end after its first attempt. */
    private Decision ended(Task task, Outcome outcome) {
        if (outcome instanceof Outcome.Failed failure) {
            Task complete = whole.apply(task);
            Decision decision = failed(complete, failure);
            if (decision == Decision.COMPLETE) {
                counters.countLatency(complete.timestamp(), 1);
            }
            return decision;
        }
        counters.countDone();
        if (weight != 0) {
            counters.countLatency(task.timestamp(), weight);
        }
        return Decision.COMPLETE;
    }

    @Override
    public Decision process(Task task, Effects taken) {
        effects = taken;
        try {
            return process(task);
        } finally {
            effects = null;
        }
    }

    @Override
    public List<Outcome> attempt(List<Task> batch) {
        try {
            Guest.Batch end = runBatch(batch);
            Outcome.Failed failure = end.failure();
            if (failure == null) {
                return end.outcomes();
            }
            if (end.size() == 1 || failure.kind() == Outcome.Kind.HOST) {
                return Collections.nCopies(end.size(), failure);  // HOST is no task's fault
            }
            context.settlement().batchFailed(batch.get(0), end.size(), failure);
            return Collections.nCopies(end.size(), null);
        } finally {
            state.idle();
        }
    }

    private Guest.Batch runBatch(List<Task> batch) {
        state.guest();
        Guest.Batch end;
        try {
            Guest guest = this.guest;
            if (guest == null) {
                guest = instantiate();
            }
            long start = System.nanoTime();
            end = guest.processBatch(batch);
            counters.countTime((System.nanoTime() - start) / end.size(), end.size());
        } catch (Throwable e) {
            end = new Guest.Batch(batch.size(), List.of(), notRun(e));
        }
        counters.countBatch(end.size());
        if (end.failure() != null && end.failure().kind().endsInstance()) {
            dropInstance();
        }
        return end;
    }

    @Override
    public Decision process(Task task, Outcome first, Effects taken) {
        effects = taken;
        weight = 1;
        try {
            return ended(task, first instanceof Outcome.Done done && done != Outcome.DONE ? written(done) : first);
        } finally {
            effects = null;
            state.idle();
        }
    }

    @Override
    public int series() {
        return series;
    }

    @Override
    public Progress process(List<Task> tasks) {
        try {
            Task first = tasks.get(0);
            Outcome unsettled = takeUnsettled(first);
            if (unsettled != null) {
                return settled(first, unsettled);
            }
            Guest.Series end = run(tasks);
            int done = end.done();
            // Tasks that wait for another call were packed in vain, so as many are wanted as were begun.
            series = Math.min(MOST_TASKS, Math.max(2, done + 1 == tasks.size() ? 2 * series : done + 1));
            if (done == 0 && end.outcome() != Outcome.DONE) {
                return settled(first, end.outcome());
            }
            if (end.outcome() == Outcome.DONE) {
                done++;
            } else {
                // To settle it can take long, and those that are done need not wait for that.
                left = end.outcome();
                leftTask = tasks.get(done);
            }
            counters.countDone(done);
            counters.countLatency(tasks.get(done - 1).timestamp(), done);
            return new Progress(done, Decision.COMPLETE);
        } finally {
            state.idle();
        }
    }

    /** Takes the outcome that the series before left, if it is that task's. */
    private Outcome takeUnsettled(Task task) {
        Outcome outcome = left;
        left = null;
        if (outcome instanceof Outcome.Failed failure && leftTask != task && failure.kind().endsInstance()) {
            dropInstance();
        }
        return leftTask == task ? outcome : null;
    }

    /** Settles a task of a series that is not simply done. */
    private Progress settled(Task task, Outcome outcome) {
        Outcome end = outcome instanceof Outcome.Done produced ? written(produced) : outcome;
        Decision decision = Decision.COMPLETE;
        if (end instanceof Outcome.Failed failure) {
            decision = failed(task, failure);
        } else {
            counters.countDone();
        }
        if (decision != Decision.COMPLETE) {
            return new Progress(0, decision);
        }
        counters.countLatency(task.timestamp(), 1);
        return new Progress(1, decision);
    }

    private Guest.Series run(List<Task> tasks) {
        state.guest();
        try {
            Guest guest = this.guest;
            if (guest == null) {
                guest = instantiate();
            }
            long start = System.nanoTime();
            Guest.Series end = guest.process(tasks);
            counters.countTime((System.nanoTime() - start) / (end.done() + 1), end.done() + 1);
            return end;
        } catch (Throwable e) {
            return new Guest.Series(0, notRun(e));
        }
    }

    /** Returns the failure of a task that was not given to a guest. Only the policy reports it. */
    static Outcome.Failed notRun(Throwable e) {
        String reason = e instanceof WasmtimeException ? "the guest does not start: " + e.getMessage()
                : "the host failed: " + e;
        return new Outcome.Failed(Outcome.Kind.HOST, reason, "");
    }

    private Outcome run(Task task) {
        state.guest();
        weight = 0;
        try {
            Guest guest = this.guest;
            if (guest == null) {
                guest = instantiate();
            }
            if (untilTimed > 0) {
                untilTimed--;
                untimed++;
                return process(guest, task);
            }
            weight = 1 + untimed;
            untimed = 0;
            long start = System.nanoTime();
            Outcome outcome = process(guest, task);
            long nanos = System.nanoTime() - start;
            counters.countTime(nanos, weight);
            if (timed < TIMED) {
                timed++;
            } else if (nanos < SLOW_NANOS) {
                untilTimed = TIMED - 1;
            }
            return outcome;
        } catch (EngineException e) {
            dropInstance();
            throw e;
        } catch (Throwable e) {
            return notRun(e);
        }
    }

    private Outcome process(Guest guest, Task task) {
        if (batches) {
            counters.countBatch(1);
        }
        StateStores state = effects == null ? null : effects.state();
        return state == null ? guest.process(task) : guest.process(task, state);
    }

    private Guest instantiate() {
        Guest guest = module.instantiate();
        this.guest = guest;
        counters.countInstance();
        if (closed) {
            guest.close();  // which close() may have been too early for
        }
        return guest;
    }

    /** Makes one attempt at a task, and writes what it produced. */
    private Outcome attempt(Task task) {
        Outcome outcome = run(task);
        return outcome instanceof Outcome.Done done && done != Outcome.DONE ? written(done) : outcome;
    }

    private Outcome written(Outcome.Done done) {
        state.waiting();
        return products.write(done.outputs(), effects);
    }

    private Decision failed(Task task, Outcome.Failed first) {
        Outcome.Failed failure = first;
        for (int attempts = 1; ; attempts++) {
            state.waiting();
            if (effects != null) {
                effects.drop();
            }
            if (closed) {
                return Decision.ABANDON;
            }
            if (failure.kind().endsInstance()) {
                dropInstance();
            }
            Verdict verdict = context.settlement().decide(task, failure, attempts);
            if (!(verdict instanceof Verdict.Retry retry)) {
                return settled(context.settlement().settle(task, failure, attempts, verdict, effects));
            }
            if (context.settlement().isRetriedLater(failure)) {
                Boolean sent = waits.await(context.settlement().retryLater(task));
                if (sent == null || sent) {
                    return sent == null ? Decision.ABANDON : Decision.COMPLETE;
                }
            }
            try {
                if (!waits.pause(retry.after())) {
                    return Decision.ABANDON;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Decision.ABANDON;
            }
            if (!(attempt(task.withAttempt(task.attempt() + attempts)) instanceof Outcome.Failed again)) {
                counters.countDone();
                return Decision.COMPLETE;
            }
            failure = again;
        }
    }

    @Override
    public void endWait() {
        waits.endPause();
    }

    @Override
    public boolean isWaiting() {
        return waits.isPausing();
    }

    /**
     * Drops the instance. The next one is made here, not in Rust, so that a failed start differs from a failed task.
     */
    private void dropInstance() {
        Guest guest = this.guest;
        if (guest != null) {
            this.guest = null;
            counters.countReplaced();
            guest.close();
        }
    }

    private Decision settled(CompletableFuture<Decision> settled) {
        Decision decision = waits.await(settled);
        return decision == null ? Decision.ABANDON : decision;
    }

    @Override
    public void close() {
        closed = true;
        context.shutdown().wake();  // a task that waits for its next attempt has lost its partition
        counters.end(state);
        Guest guest = this.guest;
        if (guest != null) {
            guest.close();
        }
    }
}
