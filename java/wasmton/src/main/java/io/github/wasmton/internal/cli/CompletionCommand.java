package io.github.wasmton.internal.cli;

import java.util.List;

import picocli.AutoComplete;
import picocli.CommandLine.Command;

/** Prints a script that completes commands and options in a shell. */
@Command(name = "completion", mixinStandardHelpOptions = true, versionProvider = Root.Version.class,
        description = "Print a script for bash and zsh that completes commands and options of wasmton.",
        customSynopsis = "wasmton completion",
        exitCodeList = {"0:the script was printed", "2:invalid input"})
final class CompletionCommand implements Subcommand, HelpText.Examples {
    @Override
    public List<String> examples() {
        return List.of(
                "source <(wasmton completion)",
                "echo 'source <(wasmton completion)' >> ~/.bashrc",
                "wasmton completion > /etc/bash_completion.d/wasmton");
    }

    @Override
    public int run(Session session) {
        session.out().print(AutoComplete.bash(Root.NAME, Root.commandLine()));
        return ExitCode.OK;
    }
}
