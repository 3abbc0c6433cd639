package io.github.wasmton.internal.cli;

import java.util.List;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The program's commands. A new one is a class with {@link Subcommand} and a line here. */
@Command(name = Root.NAME, mixinStandardHelpOptions = true, versionProvider = Root.Version.class,
        description = "Runs WebAssembly files as task processors of Kafka topics.",
        customSynopsis = {
            "wasmton COMMAND ...",
            "wasmton [OPTIONS] [BOOTSTRAP_SERVERS TOPIC PROCESSOR_WASM]"},
        subcommands = {
            RunCommand.class,
            NewCommand.class,
            BuildCommand.class,
            InvokeCommand.class,
            TestCommand.class,
            DevCommand.class,
            InspectCommand.class,
            BenchCommand.class,
            CompileCommand.class,
            DemoCommand.class,
            DlqCommand.class,
            CompletionCommand.class,
            Root.Help.class,
        },
        footer = {
            "Without a command, 'run' is meant. 'wasmton COMMAND --help' lists the options of a command."},
        exitCodeList = {
            "0:success, or an end by SIGTERM or Ctrl-C",
            "1:failure: a task failed and stopped the processor, or Kafka does not answer",
            "2:invalid input; the message says what is needed"})
final class Root implements HelpText.Examples {
    static final String NAME = "wasmton";
    /** The command that needs no name. */
    static final String DEFAULT = RunCommand.NAME;

    @Override
    public List<String> examples() {
        return new RunCommand().examples();
    }

    /** Creates the complete command line. */
    static CommandLine commandLine() {
        return prepared(new CommandLine(new Root()));
    }

    /**
     * Creates a command of the program on its own: picocli parses the arguments of a subcommand only together with its
     * parent's.
     */
    static CommandLine alone(CommandLine command) {
        return prepared(new CommandLine(command.getCommandSpec().userObject().getClass()))
                .setCommandName(command.getCommandSpec().qualifiedName());
    }

    private static CommandLine prepared(CommandLine commandLine) {
        return HelpText.install(commandLine.setCaseInsensitiveEnumValuesAllowed(true));
    }

    /** Shows help; {@link Cli} turns it into the option {@code --help} of the named command. */
    @Command(name = "help", description = "Show the help of a command.")
    static final class Help {
    }

    /** Shows the version of this build and of Java. */
    static final class Version implements IVersionProvider {
        /** Returns the version of this build; class files in a folder have none. */
        static String own() {
            String version = Root.class.getPackage().getImplementationVersion();
            return version == null ? "(development build)" : version;
        }

        @Override
        public String[] getVersion() {
            return new String[] {"wasmton " + own() + ", Java " + System.getProperty("java.version")};
        }
    }
}
