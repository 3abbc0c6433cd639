package io.github.wasmton.internal.cli;

import java.nio.file.Path;
import java.util.Map;

import picocli.CommandLine.Mixin;

/** A command for one processor that is built. In a project's folder its options also come from the project's file. */
abstract class ProcessorCommand implements Subcommand, HelpText.Examples {
    @Mixin
    ProcessorArgument processor = new ProcessorArgument();

    @Override
    public final Path projectFile() {
        return processor.projectFile();
    }

    @Override
    public final Map<String, String> defaults() {
        return GuestLoading.DEFAULTS;
    }

    /** Checks the largest number of records in one call. */
    static void checkBatch(int size) throws BadInputException {
        if (size < 1) {
            throw new BadInputException("--batch " + size + " is too small. Give a number of records from 1.", null);
        }
    }
}
