package io.github.wasmton.internal.cli;

import java.nio.file.Path;
import java.util.Map;

/** A command of the program that runs by itself, filled in by picocli. {@link Root} lists them all. */
interface Subcommand {
    /**
     * Runs the command.
     *
     * @return the program's exit code
     */
    int run(Session session) throws CommandException;

    /** Returns the command whose environment and configuration file this one reads; {@code null} if it has its own. */
    default Class<? extends Subcommand> configuredAs() {
        return RunCommand.class;
    }

    /**
     * Returns the file of options that the command reads if it exists and no other one is named; {@code null} for none.
     */
    default Path projectFile() {
        return null;
    }

    /** Returns defaults that depend on other options, by their names in a configuration file. */
    default Map<String, String> defaults() {
        return Map.of();
    }
}
