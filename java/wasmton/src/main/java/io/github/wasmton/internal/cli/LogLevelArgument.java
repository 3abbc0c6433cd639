package io.github.wasmton.internal.cli;

import org.slf4j.event.Level;

import picocli.CommandLine.Option;

/** The option that selects the log lines of a processor that a command shows. */
final class LogLevelArgument {
    @Option(names = "--log-level", paramLabel = "LEVEL",
            description = "Lowest level of the processor's log lines: trace, debug, info, warn or error. "
                    + "Default: ${DEFAULT-VALUE}.")
    Level level = Level.INFO;
}
