package io.github.wasmton.internal.author;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import com.fasterxml.jackson.databind.node.ObjectNode;

import io.github.wasmton.guest.Guest;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.text.GuestLines;
import io.github.wasmton.internal.text.Quantity;

/** A measurement of one instance on one thread: the tasks in turn, again and again, for a time. */
public final class Benchmark {
    /** Tasks between two looks at the clock. */
    private static final int ROUND = 64;
    private static final int SAMPLES = 1 << 20;

    private final GuestModule module;
    private final Guest guest;
    private final GuestLines lines;
    private final Task[] tasks;
    private final Map<String, Integer> outcomes = new TreeMap<>();
    private int next;

    /**
     * The result.
     *
     * @param outcomes   number of tasks of the measurement by their outcome
     * @param perTask    mean time of a task
     * @param percentile time that 99 of 100 tasks stay below, each timed on its own
     * @param memory     bytes of linear memory at the end
     */
    public record Result(Map<String, Integer> outcomes, long tasks, Duration time, double perTask, long percentile,
            long memory) {
        /** Returns the result as text. */
        public String text() {
            return String.format(java.util.Locale.ROOT, "%,.0f tasks/s, %,.0f ns per task, 99 %% below %,d ns, %s of "
                    + "memory (%d tasks in %s on one thread)", 1e9 / perTask, perTask, percentile,
                    Quantity.size(memory), tasks, AttemptText.time(time));
        }

        /** Returns the result as a line of JSON. */
        public String json() {
            ObjectNode node = RecordJson.JSON.createObjectNode();
            node.put("tasksPerSecond", 1e9 / perTask).put("nanosecondsPerTask", perTask)
                    .put("nanosecondsPercentile99", percentile).put("memory", memory).put("tasks", tasks);
            node.putPOJO("outcomes", outcomes);
            return node.toString();
        }
    }

    /** Prepares the measurement of an instance. */
    public Benchmark(GuestModule module, Guest guest, GuestLines lines, List<Task> tasks) {
        this.module = module;
        this.guest = guest;
        this.lines = lines;
        this.tasks = tasks.toArray(Task[]::new);
    }

    /** Warms up for a third of the time, measures the rate for another third, and single tasks for the last. */
    public Result run(Duration time) {
        long part = time.toNanos() / 3;
        rate(part);
        outcomes.clear();
        long begin = System.nanoTime();
        long count = rate(part);
        long taken = System.nanoTime() - begin;
        long[] samples = samples(part);
        Arrays.sort(samples);
        return new Result(new TreeMap<>(outcomes), count, Duration.ofNanos(taken), (double) taken / count,
                samples[(int) Math.min(samples.length - 1, samples.length * 99L / 100)], module.memoryInUse());
    }

    private long rate(long nanos) {
        long end = System.nanoTime() + nanos;
        long count = 0;
        do {
            for (int i = 0; i < ROUND; i++) {
                process();
            }
            count += ROUND;
            lines.take();
        } while (System.nanoTime() < end);
        return count;
    }

    private long[] samples(long nanos) {
        long[] samples = new long[SAMPLES];
        long end = System.nanoTime() + nanos;
        int count = 0;
        long before = System.nanoTime();
        do {
            process();
            long after = System.nanoTime();
            samples[count++] = after - before;
            before = after;
            if (count % ROUND == 0) {
                lines.take();
                before = System.nanoTime();
            }
        } while (count < SAMPLES && before < end);
        return Arrays.copyOf(samples, count);
    }

    private void process() {
        Outcome outcome = guest.process(tasks[next]);
        next = next + 1 == tasks.length ? 0 : next + 1;
        outcomes.merge(outcome instanceof Outcome.Failed failed ? Attempt.nameOf(failed.kind()) : Attempt.DONE, 1,
                Integer::sum);
    }
}
