package io.github.wasmton.internal.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import io.github.wasmton.internal.author.Project;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Builds and tries a processor whenever one of its files is saved. */
@Command(name = "dev", mixinStandardHelpOptions = true, versionProvider = Root.Version.class,
        description = {"Build a processor and try it, again whenever a file is saved, without Kafka.",
            "",
            "It runs the cases and the given records, then each line that you type, as the value of a record. A failed "
                + "build leaves the previous version running. Ctrl-D ends it."},
        customSynopsis = "wasmton dev [OPTIONS] [DIR]",
        exitCodeList = {
            "0:an end by Ctrl-D, Ctrl-C or SIGTERM",
            "1:the end of the input, and there is no version that runs",
            "2:invalid input, or a tool is missing; the message says what is needed"})
final class DevCommand implements Subcommand, HelpText.Examples {
    @Parameters(index = "0", arity = "0..1", paramLabel = "DIR", converter = Form.File.class,
            description = "Folder of the processor. Default: ${DEFAULT-VALUE} (the working folder).")
    Path folder = Path.of(".");

    @Mixin
    RecordArguments records = new RecordArguments();

    @Mixin
    StateFile state = new StateFile();

    @Mixin
    Shown shown = new Shown();

    @Command(optionListHeading = "Result")
    static final class Shown {
        @Mixin
        LogLevelArgument log = new LogLevelArgument();

        @Option(names = "--with-kafka",
                description = "Start a Kafka in this process and run the processor on it, as 'wasmton run' does. The "
                        + "options for the engine and for failures are those of wasmton.properties. Typed lines go to "
                        + "--topic; produced records are shown.")
        boolean kafka;
    }

    @Mixin
    GuestLoading guest = new GuestLoading();

    @Mixin
    ConfigurationArguments configuration = new ConfigurationArguments();

    @Override
    public List<String> examples() {
        return List.of(
                "wasmton dev",
                "wasmton dev orders --lines orders.jsonl",
                "wasmton dev orders --with-kafka --topic orders");
    }

    @Override
    public Path projectFile() {
        return folder.resolve(Project.FILE);
    }

    @Override
    public Map<String, String> defaults() {
        return GuestLoading.DEFAULTS;
    }

    @Override
    public int run(Session session) throws CommandException {
        records.refuseStandardInput();
        records.checkFiles();
        if (shown.kafka && state.file != null) {
            throw new BadInputException("--state-file gives entries to stores in memory, and with --with-kafka the "
                    + "stores are those of Kafka Streams. Leave one of the two out.", null);
        }
        Project project = Projects.in(folder);
        BuildCommand.check(project, session);
        return GuestLoading.collecting(shown.log.level, lines -> {
            try (DevLoop loop = new DevLoop(project, this, session, lines)) {
                return loop.run();
            }
        });
    }
}
