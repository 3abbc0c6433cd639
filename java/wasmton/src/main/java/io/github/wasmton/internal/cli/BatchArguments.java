package io.github.wasmton.internal.cli;

import java.time.Duration;

import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.internal.engine.BatchConfig;
import io.github.wasmton.internal.engine.InFlight;
import io.github.wasmton.internal.run.AsyncTaskRunner;
import io.github.wasmton.internal.run.Batches;
import io.github.wasmton.internal.run.RunContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Options for guests that take batches. */
@Command(optionListHeading = "Kafka")
final class BatchArguments {
    /** Tasks that are taken for each task of the batches in progress, so that the next ones can be collected. */
    private static final int TAKEN = 4;

    @Option(names = "--batch", paramLabel = "N",
            description = "Maximum number of tasks of a batch, for a guest that takes batches. "
                    + "Default: ${DEFAULT-VALUE}.")
    int size = Batches.DEFAULT_SIZE;

    @Option(names = "--linger", paramLabel = "TIME", converter = Form.Time.class,
            description = "Longest time that a task waits for others to fill its batch. "
                    + "Default: ${DEFAULT-VALUE}.")
    Duration linger = Batches.DEFAULT_LINGER;

    /** Checks the number alone, before the guest is loaded. */
    void checkNumber() throws BadInputException {
        if (size < 1) {
            throw new BadInputException("--batch must be at least 1, not " + size + ".", null);
        }
    }

    /** Checks that the guest takes batches if a size or a time is given. */
    void check(GuestModule module) throws BadInputException {
        if ((size != Batches.DEFAULT_SIZE || !linger.equals(Batches.DEFAULT_LINGER)) && !module.takesBatches()) {
            throw new BadInputException("--batch and --linger are for guests that take batches, and " + module.path()
                    + " takes one task at a time: it neither exports batch-handler (docs/world.md) nor imports "
                    + "next_batch (docs/protocol-1.md). Leave them out.", null);
        }
    }

    /** Returns the settings for an engine with one task at a time on each thread. */
    BatchConfig config() {
        return new BatchConfig(size, linger);
    }

    /** Returns the settings for an engine with many tasks in flight. */
    InFlight inFlight(GuestModule module, RunContext context, int threads) {
        return new InFlight(TAKEN * threads * size,
                () -> new AsyncTaskRunner(new Batches(module, context, size, linger, threads), context));
    }
}
