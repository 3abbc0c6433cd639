package io.github.wasmton.internal.run;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import io.github.wasmton.guest.GuestPool;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.internal.stats.TaskCounters;

/** Makes attempts in a pool, which it owns. */
final class PoolAttempts implements Attempts {
    private final GuestPool pool;
    private final TaskCounters counters;

    PoolAttempts(GuestPool pool, TaskCounters counters) {
        this.pool = pool;
        this.counters = counters;
        counters.countInstancesOf(pool::instances);
    }

    @Override
    public CompletableFuture<Outcome> start(Attempt attempt) {
        attempt.state().guest();
        long start = System.nanoTime();
        return pool.process(attempt.task()).whenComplete((outcome, abandoned) -> {
            attempt.state().waiting();
            counters.countTime(System.nanoTime() - start, 1);
            if (outcome instanceof Outcome.Failed failure && failure.kind().endsInstance()) {
                counters.countReplaced();
            }
        });
    }

    @Override
    public void close() {
        pool.close(Duration.ZERO);
    }
}
