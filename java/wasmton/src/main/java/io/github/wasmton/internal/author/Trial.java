package io.github.wasmton.internal.author;

import java.time.Duration;
import java.util.List;

import io.github.wasmton.guest.Guest;
import io.github.wasmton.guest.GuestModule;
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
    /** Stores in memory; {@code null} if the guest has none. */
    private final MemoryStores stores;
    private final List<GuestLines.Line> startLines;

    /**
     * Takes an instance, which {@link #close} closes.
     *
     * @param lines collects the lines of this thread's guests, since before the module was loaded
     */
    public Trial(GuestModule module, Guest guest, GuestLines lines) {
        this.module = module;
        this.guest = guest;
        this.lines = lines;
        stores = module.options().state().any() ? new MemoryStores(module.options().state()) : null;
        startLines = lines.take();
    }

    /** Returns the lines that the guest wrote while it started. */
    public List<GuestLines.Line> startLines() {
        return startLines;
    }

    /** Returns the guest's stores; {@code null} if it has none. */
    MemoryStores stores() {
        return stores;
    }

    /** Hands one task to the guest. What it writes to its stores is there for the next task, unless it failed. */
    public Attempt run(Task task) {
        long begin = System.nanoTime();
        Outcome outcome = stores == null ? guest.process(task) : stores.process(guest, task);
        Duration time = Duration.ofNanos(System.nanoTime() - begin);
        return new Attempt(task, outcome, lines.take(), time, module.memoryInUse());
    }

    @Override
    public void close() {
        guest.close();
    }
}
