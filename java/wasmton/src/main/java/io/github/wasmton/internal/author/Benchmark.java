package io.github.wasmton.internal.author;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

import com.fasterxml.jackson.databind.node.ObjectNode;

import io.github.wasmton.guest.Guest;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.text.GuestLines;

/** A measurement of one instance on one thread: the tasks in turn, again and again, for a time. */
public final class Benchmark {
    /** The most tasks between two looks at the clock. */
    private static final int ROUND = 64;
    /** Time of a round above which the next one has a single task. */
    private static final long LONG_ROUND_NANOS = 1_000_000;
    private static final int SAMPLES = 1 << 20;

    private final GuestModule module;
    private final Guest guest;
    private final GuestLines lines;
    private final Task[] tasks;
    private final int batch;
    private final BooleanSupplier stop;
    /** Stores in memory; {@code null} if the guest has none. */
    private final MemoryStores stores;
    private Attempt failure;
    private long done;
    private long skipped;
    private int next;

    /**
     * The result.
     *
     * @param outcomes   number of tasks of the measurement by their outcome
     * @param rate       tasks in a second
     * @param median     time that half of the tasks stay below, each timed on its own; of many in one call, its time
     *                   divided by their number
     * @param percentile the same for 99 of 100 tasks
     * @param memory     bytes of linear memory at the end
     */
    public record Result(Map<String, Long> outcomes, long tasks, Duration time, double rate, long median,
            long percentile, long memory) {
        /** Returns the result as text. */
        public String text() {
            return String.format(java.util.Locale.ROOT, "%,.0f tasks/s; a task takes %,d ns (median), 99 %% take less "
                    + "than %,d ns; %s of memory (%,d tasks in %s on one thread)", rate, median, percentile,
                    AttemptText.size(memory), tasks, AttemptText.time(time));
        }

        /** Returns the result as a line of JSON. */
        public String json() {
            ObjectNode node = RecordJson.JSON.createObjectNode();
            node.put("tasksPerSecond", rate).put("nanosecondsMedian", median)
                    .put("nanosecondsPercentile99", percentile).put("memory", memory).put("tasks", tasks);
            node.putPOJO("outcomes", outcomes);
            return node.toString();
        }
    }

    /**
     * Prepares the measurement of an instance.
     *
     * @param batch number of tasks that the guest gets in one call, unless it has stores
     * @param stop  tells whether the measurement is to end early
     */
    public Benchmark(GuestModule module, Guest guest, GuestLines lines, List<Task> tasks, int batch,
            BooleanSupplier stop) {
        this.module = module;
        this.guest = guest;
        this.lines = lines;
        this.tasks = tasks.toArray(Task[]::new);
        this.stop = stop;
        stores = Trial.stores(module.options());
        this.batch = stores == null ? batch : 1;  // stores belong to one task
    }

    /**
     * Warms up for a third of the time, measures the rate for another third, and single tasks or calls for the last.
     *
     * @return the result; {@code null} if a task failed or the measurement was stopped
     */
    public Result run(Duration time) {
        long part = time.toNanos() / 3;
        rate(part);
        if (ended()) {
            return null;
        }
        done = 0;
        skipped = 0;
        long begin = System.nanoTime();
        long count = rate(part);
        long taken = System.nanoTime() - begin;
        Map<String, Long> outcomes = new TreeMap<>();
        add(outcomes, Attempt.DONE, done);
        add(outcomes, Attempt.nameOf(Outcome.Kind.SKIP), skipped);
        if (ended()) {
            return null;
        }
        long[] samples = samples(part);
        if (ended()) {
            return null;
        }
        Arrays.sort(samples);
        return new Result(outcomes, count, Duration.ofNanos(taken), 1e9 * count / taken, samples[samples.length / 2],
                samples[(int) Math.min(samples.length - 1, samples.length * 99L / 100)], module.memoryInUse());
    }

    private static void add(Map<String, Long> outcomes, String name, long count) {
        if (count > 0) {
            outcomes.put(name, count);
        }
    }

    /** Returns the task that failed and so ended the measurement; {@code null} if there is none. */
    public Attempt failure() {
        return failure;
    }

    private boolean ended() {
        return failure != null || stop.getAsBoolean();
    }

    private long rate(long nanos) {
        long before = System.nanoTime();
        long end = before + nanos;
        long count = 0;
        int round = 1;
        do {
            for (int i = 0; i < round && failure == null; i++) {
                process();
            }
            count += (long) round * batch;
            lines.take();
            long now = System.nanoTime();
            round = now - before > LONG_ROUND_NANOS ? 1 : Math.min(2 * round, ROUND);
            before = now;
        } while (before < end && !ended());
        return count;
    }

    private long[] samples(long nanos) {
        long[] samples = new long[SAMPLES];
        long before = System.nanoTime();
        long end = before + nanos;
        int count = 0;
        while (count == 0 || count < SAMPLES && before < end && !ended()) {
            process();
            long after = System.nanoTime();
            samples[count++] = (after - before) / batch;
            before = after;
            if (count % ROUND == 0) {
                lines.take();
                before = System.nanoTime();
            }
        }
        return Arrays.copyOf(samples, count);
    }

    private void process() {
        if (batch > 1) {
            processMany();
        } else {
            processOne();
        }
    }

    /** Hands over the next tasks, in as many calls as it takes. */
    private void processMany() {
        List<Task> given = new ArrayList<>(batch);
        for (int i = 0; i < batch; i++) {
            given.add(tasks[next]);
            next = next + 1 == tasks.length ? 0 : next + 1;
        }
        for (int begun = 0; begun < batch && failure == null; ) {
            List<Task> rest = given.subList(begun, batch);
            begun += module.takesBatches() ? processBatch(rest) : processSeries(rest);
        }
    }

    private int processSeries(List<Task> given) {
        Guest.Series end = guest.process(given);
        done += end.done();
        count(given.get(end.done()), end.outcome());
        return end.done() + 1;
    }

    private int processBatch(List<Task> given) {
        Guest.Batch end = guest.processBatch(given);
        for (int i = 0; i < end.size(); i++) {
            count(given.get(i), end.failure() != null ? end.failure() : end.outcomes().get(i));
        }
        return end.size();
    }

    private void processOne() {
        Task task = tasks[next];
        Outcome outcome = stores == null ? guest.process(task) : stores.process(guest, task);
        next = next + 1 == tasks.length ? 0 : next + 1;
        count(task, outcome);
    }

    private void count(Task task, Outcome outcome) {
        if (!(outcome instanceof Outcome.Failed failed)) {
            done++;
        } else if (failed.kind() == Outcome.Kind.SKIP) {
            skipped++;
        } else if (failure == null) {
            failure = new Attempt(task, outcome, lines.take(), List.of(), Map.of(), Duration.ZERO,
                    module.memoryInUse());
        }
    }
}
