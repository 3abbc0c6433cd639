package io.github.wasmton.internal.author;

import java.time.Duration;
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

    /** Hands one task to the guest. What it writes to its stores is there for the next task, unless it failed. */
    public Attempt run(Task task) {
        Map<String, Long> before = module.counts();
        long begin = System.nanoTime();
        Outcome outcome = stores == null ? guest.process(task) : stores.process(guest, task);
        Duration time = Duration.ofNanos(System.nanoTime() - begin);
        Map<String, Long> counts = module.counts();
        before.forEach((name, sum) -> counts.merge(name, -sum, Long::sum));
        counts.values().removeIf(added -> added == 0);
        return new Attempt(task, outcome, lines.take(), stores == null ? List.of() : stores.changes(), counts, time,
                module.memoryInUse());
    }

    @Override
    public void close() {
        guest.close();
    }
}
