package io.github.wasmton.internal.author;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.github.wasmton.guest.Guest;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.text.GuestLines;

/**
 * An instance of a guest on trial: it processes tasks as production does, without Kafka and without retries. One thread
 * uses it, which also collects the guest's lines.
 */
public final class Trial implements AutoCloseable {
    private final GuestModule module;
    private final Guest guest;
    private final GuestLines lines;
    private final MemoryStores stores;
    private final List<GuestLines.Line> startLines;

    /** Returns empty stores for guests with these options; {@code null} if they have none. */
    public static MemoryStores stores(GuestOptions options) {
        return options.state().any() ? new MemoryStores(options.state()) : null;
    }

    /**
     * Takes an instance, which {@link #close} closes.
     *
     * @param stores the guest's stores; {@code null} for none
     * @param lines  collects the lines of this thread's guests, since before the module was loaded
     */
    public Trial(GuestModule module, Guest guest, MemoryStores stores, GuestLines lines) {
        this.module = module;
        this.guest = guest;
        this.lines = lines;
        this.stores = stores;
        startLines = lines.take();
    }

    /** Returns the lines that the guest wrote while it started. */
    public List<GuestLines.Line> startLines() {
        return startLines;
    }

    /**
     * Hands tasks to the guest as one batch, or as several if they are too large. If it fails as a whole, each of its
     * tasks is then a batch of one, as in production.
     *
     * @param batch at least one task
     */
    public BatchAttempt run(List<Task> batch) {
        Map<String, Long> before = module.counts();
        List<Attempt> attempts = new ArrayList<>();
        List<GuestLines.Line> log = new ArrayList<>();
        Outcome outcome = Outcome.DONE;
        long begin = System.nanoTime();
        for (List<Task> rest = batch; !rest.isEmpty(); ) {
            long start = System.nanoTime();
            Guest.Batch end = guest.processBatch(rest);
            Duration time = Duration.ofNanos((System.nanoTime() - start) / end.size());
            log.addAll(lines.take());
            Outcome.Failed failure = end.failure();
            outcome = failure == null ? outcome : failure;
            for (int i = 0; i < end.size(); i++) {
                Task task = rest.get(i);
                attempts.add(failure != null && end.size() > 1 ? run(task) : new Attempt(task,
                        failure == null ? end.outcomes().get(i) : failure, List.of(), List.of(), Map.of(), time,
                        module.memoryInUse()));
            }
            rest = rest.subList(end.size(), rest.size());
        }
        return new BatchAttempt(new Attempt(batch.get(0), outcome, log, List.of(), added(before),
                Duration.ofNanos(System.nanoTime() - begin), module.memoryInUse()), attempts);
    }

    /** Hands one task to the guest. What it writes to its stores is there for the next task, unless it failed. */
    public Attempt run(Task task) {
        Map<String, Long> before = module.counts();
        long begin = System.nanoTime();
        Outcome outcome = stores == null ? guest.process(task) : stores.process(guest, task);
        Duration time = Duration.ofNanos(System.nanoTime() - begin);
        return new Attempt(task, outcome, lines.take(), stores == null ? List.of() : stores.changes(), added(before),
                time, module.memoryInUse());
    }

    /** Returns what the guest has added to its counters. */
    private Map<String, Long> added(Map<String, Long> before) {
        Map<String, Long> counts = module.counts();
        before.forEach((name, sum) -> counts.merge(name, -sum, Long::sum));
        counts.values().removeIf(added -> added == 0);
        return counts;
    }

    @Override
    public void close() {
        guest.close();
    }
}
