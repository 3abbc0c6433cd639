package io.github.wasmton.internal.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.github.wasmton.internal.text.Printable;
import picocli.CommandLine;

/** The program: finds the command that the arguments name, reads its configuration and runs it. */
public final class Cli {
    private static final String HELP = "help";
    private static final List<String> HELP_OPTIONS = List.of("--help", "-h");
    private static final List<String> VERSION_OPTIONS = List.of("--version", "-V");

    private final Session session;

    /** Prints results to {@code out}, and the reason of a failure to {@code err}. */
    public Cli(PrintStream out, PrintStream err, Map<String, String> environment) {
        session = new Session(out, err, environment);
    }

    /** Returns the time that {@link #run} may take to return after {@link #stop}. */
    public Duration endLimit() {
        return session.endLimit();
    }

    /** Makes {@link #run} return once the work in progress has ended. Any thread may call it at any time. */
    public void stop() {
        session.stop().complete(null);
    }

    /**
     * Runs a command to its end, or until {@link #stop}. Call it once for each object.
     *
     * @return the program's exit code
     */
    public int run(String... args) {
        if (args.length == 1 && VERSION_OPTIONS.contains(args[0])) {
            // Without picocli, whose model of all commands takes most of the time of an answer.
            session.out().println(String.join(System.lineSeparator(), new Root.Version().getVersion()));
            return ExitCode.OK;
        }
        Configuration configuration = null;
        try {
            List<String> rest = new ArrayList<>(List.of(args));
            if (!rest.isEmpty() && rest.get(0).equals(HELP)) {
                rest.remove(0);
                rest.add(HELP_OPTIONS.get(0));
            }
            if (rest.isEmpty() && session.environment().keySet().stream().noneMatch(OptionNames::isVariable)) {
                return runGroup(Root.commandLine(), rest);
            }
            List<String> path = path(rest);
            if (!(command(path).getCommand() instanceof Subcommand)) {
                return runGroup(command(path), rest);
            }
            configuration = new Configuration(() -> Root.alone(command(path)), other(path), rest,
                    session.environment());
            return run(configuration);
        } catch (CommandException e) {
            // A client of Kafka can quote a setting in its message.
            Secrets secrets = session.secrets();
            String message = configuration == null ? e.getMessage() : configuration.withOrigins(e.getMessage());
            session.err().println(Printable.lines(secrets.mask(message)));
            if (configuration != null && configuration.stacktraceRequested()) {
                StringWriter trace = new StringWriter();
                e.printStackTrace(new PrintWriter(trace));
                session.err().print(secrets.mask(trace.toString()));
            }
            return e.exitCode();
        }
    }

    private int run(Configuration configuration) throws CommandException {
        CommandLine commandLine = configuration.commandLine();
        if (commandLine.isUsageHelpRequested()) {
            commandLine.usage(session.out());
            return ExitCode.OK;
        }
        if (commandLine.isVersionHelpRequested()) {
            commandLine.printVersionHelp(session.out());
            return ExitCode.OK;
        }
        if (configuration.printRequested()) {
            configuration.print(session.out(), commandLine.<Subcommand>getCommand().defaults());
            return ExitCode.OK;
        }
        session.hide(configuration.secrets());
        return commandLine.<Subcommand>getCommand().run(session);
    }

    /** Shows the help of a command that only groups other commands. */
    private int runGroup(CommandLine group, List<String> rest) throws BadInputException {
        String first = rest.isEmpty() ? null : rest.get(0);
        if (first == null || HELP_OPTIONS.contains(first)) {
            group.usage(first == null ? session.err() : session.out());
            return first == null ? ExitCode.BAD_INPUT : ExitCode.OK;
        }
        if (VERSION_OPTIONS.contains(first)) {
            group.printVersionHelp(session.out());
            return ExitCode.OK;
        }
        throw new BadInputException("There is no " + (first.startsWith("-") ? "option" : "command") + " '"
                + first.replaceFirst("=.*", "") + "' of " + group.getCommandSpec().qualifiedName() + '.'
                + Suggestion.of(first, group.getSubcommands().keySet()) + Configuration.helpHint(group), null);
    }

    /** Takes the names of commands from the arguments; without a name, those of the default command. */
    private static List<String> path(List<String> rest) throws BadInputException {
        List<String> path = new ArrayList<>();
        CommandLine found = Root.commandLine();
        CommandLine root = found;
        while (!rest.isEmpty() && found.getSubcommands().containsKey(rest.get(0))) {
            path.add(rest.remove(0));
            found = found.getSubcommands().get(path.get(path.size() - 1));
        }
        boolean ownOption = !rest.isEmpty()
                && (HELP_OPTIONS.contains(rest.get(0)) || VERSION_OPTIONS.contains(rest.get(0)));
        if (!path.isEmpty() || ownOption) {
            return path;
        }
        // Short for the default command, unless a mistyped name of a command stands where host:port would.
        if (!rest.isEmpty() && rest.get(0).matches("[a-z]+")) {
            String first = rest.get(0);
            throw new BadInputException("'" + first + "' is neither a command nor host:port, as BOOTSTRAP_SERVERS must "
                    + "be, such as localhost:9092." + Suggestion.of(first, root.getSubcommands().keySet())
                    + Configuration.helpHint(root), null);
        }
        return List.of(Root.DEFAULT);
    }

    private static CommandLine command(List<String> path) {
        CommandLine found = Root.commandLine();
        for (String name : path) {
            found = found.getSubcommands().get(name);
        }
        return found;
    }

    /** Returns the command whose settings this one shares; {@code null} if it has all its settings to itself. */
    private static CommandLine other(List<String> path) {
        Class<?> other = command(path).<Subcommand>getCommand().configuredAs();
        return Root.commandLine().getSubcommands().values().stream()
                .filter(command -> command.getCommand().getClass() == other).findFirst().orElse(null);
    }
}
