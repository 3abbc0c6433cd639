package io.github.wasmton.internal.cli;

import java.nio.file.Path;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Options about options. */
@Command(optionListHeading = "Configuration")
final class ConfigurationArguments {
    @Option(names = "--" + OptionNames.CONFIG_FILE, paramLabel = "FILE", converter = Form.File.class,
            description = "File with options: Java properties in UTF-8, named as here without the hyphens, such as "
                    + "deadline = 5s or kafka.security.protocol = SSL.")
    Path configFile;

    @Option(names = "--" + OptionNames.PRINT_CONFIG,
            description = "Print every option with its value and origin, without secrets, and exit.")
    boolean printConfig;

    @Option(names = "--" + OptionNames.SHOW_VALUES,
            description = "With --print-config: show the values of --env and --guest-config too, unless their names "
                    + "are those of secrets.")
    boolean showValues;

    @Option(names = "--" + OptionNames.STACKTRACE, description = "Print the stack trace of an error in the input.")
    boolean stacktrace;
}
