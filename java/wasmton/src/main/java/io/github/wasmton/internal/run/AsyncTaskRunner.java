package io.github.wasmton.internal.run;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.function.Supplier;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.wasmton.failure.Verdict;
import io.github.wasmton.guest.GuestPool;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.AsyncTaskProcessor;
import io.github.wasmton.internal.engine.Decision;
import io.github.wasmton.internal.stats.TaskCounters;
import io.github.wasmton.internal.stats.ThreadState;

/**
 * Runs many tasks at once, in a pool of guests or in {@link Batches}, and brings each failed one to the end that the
 * policy decides, like {@link TaskRunner} for one at a time. A task that waits for its next attempt has neither a
 * thread nor a guest.
 */
public final class AsyncTaskRunner implements AsyncTaskProcessor {
    private static final Logger log = LoggerFactory.getLogger(AsyncTaskRunner.class);

    private final Attempts attempts;
    private final RunContext context;
    private final TaskCounters counters;
    /** The tasks that wait for their next attempt. */
    private final Set<Attempt> waiting = ConcurrentHashMap.newKeySet();
    /** One thread, while there is something to do. */
    private final Executor writer = writer();
    private volatile boolean ending;

    /**
     * Makes a runner that owns the pool and counts its instances. The context must outlive the runner.
     *
     * @param pool for as many tasks at least as are given to {@link #process} at once
     */
    public AsyncTaskRunner(GuestPool pool, RunContext context) {
        this(new PoolAttempts(pool, context.counters()), context);
    }

    /** Makes a runner that owns the batches. The context must outlive the runner. */
    public AsyncTaskRunner(Batches batches, RunContext context) {
        this((Attempts) batches, context);
    }

    private AsyncTaskRunner(Attempts attempts, RunContext context) {
        this.attempts = attempts;
        this.context = context;
        this.counters = context.counters();
    }

    private static Executor writer() {
        ThreadPoolExecutor one = new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
                work -> {
                    Thread thread = new Thread(work, "wasmton-writer");
                    thread.setDaemon(true);
                    return thread;
                });
        one.allowCoreThreadTimeOut(true);
        return one;
    }

    @Override
    public CompletableFuture<Decision> process(Task task) {
        return process(task, System.nanoTime());
    }

    @Override
    public CompletableFuture<Decision> process(Task task, long since) {
        Progress progress = new Progress(task, since, counters.begin());
        new Attempt(progress, 1).run();
        return progress.decision;
    }

    /** Runs on the writer thread what may block until Kafka answers, so that no other task waits for it. */
    private <T> CompletableFuture<T> aside(Supplier<CompletableFuture<T>> beginning) {
        return CompletableFuture.supplyAsync(beginning, writer).thenCompose(begun -> begun);
    }

    /** A task until its decision. */
    private final class Progress {
        private final Task task;
        private final long since;
        private final ThreadState state;
        private final CompletableFuture<Decision> decision = new CompletableFuture<>();

        Progress(Task task, long since, ThreadState state) {
            this.task = task;
            this.since = since;
            this.state = state;
        }

        void end(Decision decided) {
            counters.end(state);
            if (decided == Decision.COMPLETE) {
                counters.countLatency(task.timestamp(), 1);
            }
            decision.complete(decided);
        }
    }

    /** One attempt at a task. An exception that nobody would see stops everything. */
    private final class Attempt implements Runnable {
        private final Progress progress;
        private final Task task;
        private final int number;

        Attempt(Progress progress, int number) {
            this.progress = progress;
            this.task = progress.task;
            this.number = number;
        }

        @Override
        public void run() {
            CompletableFuture<Outcome> outcome;
            progress.state.waiting();
            try {
                Task tried = number == 1 ? task : task.withAttempt(task.attempt() + number - 1);
                outcome = attempts.start(new Attempts.Attempt(tried, number == 1, progress.since, progress.state));
            } catch (Throwable e) {
                if (ending) {
                    progress.end(Decision.ABANDON);  // they are closed
                    return;
                }
                outcome = CompletableFuture.completedFuture(
                        new Outcome.Failed(Outcome.Kind.HOST, "the host failed: " + e.getMessage(), ""));
            }
            outcome.whenComplete((came, abandoned) -> came(came));
        }

        private void came(Outcome outcome) {
            try {
                ended(outcome);
            } catch (Throwable e) {
                broken(e);
            }
        }

        private void broken(Throwable e) {
            log.error("The handling of the end of {} failed itself", task, e);
            progress.end(Decision.STOP);
        }

        /** Runs {@link #aside}, and passes the result on. */
        private <T> void await(Supplier<CompletableFuture<T>> beginning, Consumer<T> then) {
            aside(beginning).whenComplete((result, thrown) -> {
                if (thrown != null) {
                    broken(thrown);
                } else {
                    then.accept(result);
                }
            });
        }

        /** Continues after an attempt; {@code outcome} is null for one that was abandoned. */
        private void ended(Outcome outcome) {
            if (outcome instanceof Outcome.Done done && done != Outcome.DONE) {
                // It comes back as done when Kafka has what the task produced, or as failed.
                await(() -> context.outputs().write(done.outputs()), this::came);
            } else if (outcome instanceof Outcome.Done) {
                counters.countDone();
                progress.end(Decision.COMPLETE);
            } else if (outcome instanceof Outcome.Failed failure) {
                failed(failure);
            } else {
                progress.end(Decision.ABANDON);
            }
        }

        private void failed(Outcome.Failed failure) {
            Verdict verdict = context.settlement().decide(task, failure, number);
            if (verdict instanceof Verdict.Retry retry) {
                Attempt next = new Attempt(progress, number + 1);
                if (context.settlement().isRetriedLater(failure)) {
                    await(() -> context.settlement().retryLater(task), sent -> {
                        if (sent) {
                            progress.end(Decision.COMPLETE);
                        } else {
                            next.runAfter(retry.after());
                        }
                    });
                } else {
                    next.runAfter(retry.after());
                }
                return;
            }
            await(() -> context.settlement().settle(task, failure, number, verdict), progress::end);
        }

        private void runAfter(Duration time) {
            waiting.add(this);
            if (ending) {
                abandon();
                return;
            }
            Executor later = CompletableFuture.delayedExecutor(time.toNanos(), TimeUnit.NANOSECONDS, Runnable::run);
            later.execute(() -> {
                if (waiting.remove(this)) {
                    run();
                }
            });
        }

        private void abandon() {
            if (waiting.remove(this)) {
                progress.end(Decision.ABANDON);
            }
        }
    }

    @Override
    public void endWaits(IntPredicate partitions) {
        waiting.forEach(attempt -> {
            if (partitions.test(attempt.task.partition())) {
                attempt.abandon();
            }
        });
        attempts.endWaits(partitions);
    }

    @Override
    public void flush() {
        attempts.flush();
    }

    @Override
    public int waiting() {
        return waiting.size();
    }

    @Override
    public void end() {
        ending = true;
        waiting.forEach(Attempt::abandon);
        attempts.end();
    }

    @Override
    public void close() {
        end();
        attempts.close();
    }
}
