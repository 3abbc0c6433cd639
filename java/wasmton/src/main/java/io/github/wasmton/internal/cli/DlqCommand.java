package io.github.wasmton.internal.cli;

import picocli.CommandLine.Command;

/** The commands about dead letters. */
@Command(name = "dlq", mixinStandardHelpOptions = true, versionProvider = Root.Version.class,
        description = "List, show and replay dead letters.",
        customSynopsis = "wasmton dlq COMMAND [OPTIONS] [BOOTSTRAP_SERVERS DEAD_LETTER_TOPIC] ...",
        subcommands = {DlqListCommand.class, DlqShowCommand.class, DlqReplayCommand.class},
        footer = "'wasmton dlq COMMAND --help' lists the options of a command.")
final class DlqCommand {
}
