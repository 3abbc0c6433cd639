package io.github.wasmton.internal.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import picocli.CommandLine;

/** Commands for tests, as the program makes them. */
final class Commands {
    private Commands() {
    }

    /** Returns {@code run}, ready to parse. */
    static CommandLine run() {
        return alone("run");
    }

    /** Returns the command at the end of this path. */
    static CommandLine alone(String... path) {
        CommandLine found = Root.commandLine();
        for (String name : path) {
            found = found.getSubcommands().get(name);
        }
        return Root.alone(found);
    }

    /** Parses options of {@code run}, with three arguments behind them. */
    static RunCommand parse(String... options) {
        List<String> line = new ArrayList<>(List.of(options));
        line.addAll(List.of("server:9092", "topic", "processor.wasm"));
        CommandLine run = run();
        run.parseArgs(line.toArray(String[]::new));
        return run.getCommand();
    }

    /** Returns all commands with options: the program itself, and those below it. */
    static List<CommandLine> all() {
        return all(Root.commandLine()).toList();
    }

    private static Stream<CommandLine> all(CommandLine command) {
        return Stream.concat(Stream.of(command), command.getSubcommands().values().stream().flatMap(Commands::all));
    }
}
