package io.github.wasmton.internal.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;

import com.sun.management.UnixOperatingSystemMXBean;

import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestPool;
import io.github.wasmton.internal.engine.InFlight;
import io.github.wasmton.internal.run.AsyncTaskRunner;
import io.github.wasmton.internal.run.RunContext;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The option for many concurrent tasks, and its demands on the system. */
@Command(optionListHeading = "Kafka")
final class InFlightArguments {
    /** Areas of the address space that an instance takes. Linux allows a process 65,530 by default. */
    private static final int AREAS = 5;
    /** Areas of an instance whose file is larger than {@link #SMALL_BYTES}: see {@code SMALL} in guest.rs. */
    private static final int AREAS_OF_LARGE = 7;
    private static final long SMALL_BYTES = 1024 * 1024;
    /** Areas that a JVM with Kafka's clients takes on top. */
    private static final int OTHER_AREAS = 2_000;
    private static final int OTHER_FILES = 200;

    @Option(names = "--in-flight", paramLabel = "N",
            description = "Process up to N tasks concurrently, without a thread per task: for a component "
                    + "(wasm32-wasip2) that waits for the network. Tasks with the same key stay in order. Each takes "
                    + "about 100 KiB of memory and a socket. Default: one task per thread.")
    Integer limit;

    /** Returns the settings for the engine, or null for one task per thread. */
    InFlight inFlight(GuestModule module, RunContext context) {
        return limit == null ? null
                : new InFlight(limit, () -> new AsyncTaskRunner(new GuestPool(module, limit), context));
    }

    /** Checks the guest and the system's limits, before anything is read from Kafka. */
    void check(GuestModule module) throws BadInputException {
        if (limit == null) {
            return;
        }
        if (module.takesBatches()) {
            throw new BadInputException("--in-flight is for one task at a time in each instance, and " + module.path()
                    + " takes batches. Leave --in-flight out; --batch and --threads say how many tasks it has at once.",
                    null);
        }
        if (!module.component()) {
            throw new BadInputException("--in-flight is for components: " + module.path() + " is a core module, which "
                    + "occupies a thread while it waits. Build it for wasm32-wasip2 (docs/in-flight.md says more), or "
                    + "leave --in-flight out and give --threads.", null);
        }
        if (!module.options().network().equals(NetworkAccess.NONE)) {
            checkFiles(limit, InFlightArguments::mostFiles);
        }
        checkAreas(limit, module.path(), InFlightArguments::mostAreas);
    }

    /** Checks the number alone, before the guest is loaded. */
    void checkNumber() throws BadInputException {
        if (limit != null && limit < 1) {
            throw new BadInputException("--in-flight must be at least 1, not " + limit + ".", null);
        }
    }

    static void checkFiles(int limit, LongSupplier most) throws BadInputException {
        long needed = (long) limit + OTHER_FILES;
        if (most.getAsLong() < needed) {
            throw new BadInputException("--in-flight " + limit + " means up to as many sockets, and this process may "
                    + "have " + most.getAsLong() + " files open. Allow it more, by: ulimit -n " + needed
                    + "; or give a lower --in-flight.", null);
        }
    }

    static void checkAreas(int limit, Path wasm, LongSupplier most) throws BadInputException {
        boolean small;
        try {
            small = Files.size(wasm) <= SMALL_BYTES;
        } catch (IOException e) {
            small = true;  // it was just read, so loading it reports the error
        }
        long needed = (long) limit * (small ? AREAS : AREAS_OF_LARGE) + OTHER_AREAS;
        if (most.getAsLong() < needed) {
            throw new BadInputException("--in-flight " + limit + " takes up to " + needed + " areas of memory, and the "
                    + "kernel allows a process " + most.getAsLong() + ". Allow more, by: sysctl -w vm.max_map_count="
                    + needed + "; or give a lower --in-flight.", null);
        }
    }

    private static long mostFiles() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                ? system.getMaxFileDescriptorCount() : Long.MAX_VALUE;
    }

    private static long mostAreas() {
        // In one read: such a file reports no length, and is read at once.
        try (BufferedReader reader = Files.newBufferedReader(Path.of("/proc/sys/vm/max_map_count"))) {
            return Long.parseLong(reader.readLine().strip());
        } catch (IOException | NumberFormatException e) {
            return Long.MAX_VALUE;  // not Linux
        }
    }
}
