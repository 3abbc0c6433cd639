package io.github.wasmton.internal.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import io.github.wasmton.internal.author.AttemptText;
import io.github.wasmton.internal.author.Build;
import io.github.wasmton.internal.author.Inspection;
import io.github.wasmton.internal.author.Project;
import io.github.wasmton.internal.text.FileError;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Builds the processor in a folder. */
@Command(name = "build", mixinStandardHelpOptions = true, versionProvider = Root.Version.class,
        description = {"Build the processor in a folder, by the command in its " + Project.FILE + ".",
            "",
            "It says how to get each missing tool, and shows kind and size of the built file, and the options that "
                + "grant what it may use."},
        customSynopsis = "wasmton build [DIR]",
        exitCodeList = {
            "0:the processor was built",
            "1:the build failed",
            "2:invalid input, or a tool is missing; the message says what is needed"})
final class BuildCommand implements Subcommand, HelpText.Examples {
    @Parameters(index = "0", arity = "0..1", paramLabel = "DIR", converter = Form.File.class,
            description = "Folder of the processor. Default: ${DEFAULT-VALUE} (the working folder).")
    Path folder = Path.of(".");

    @Override
    public List<String> examples() {
        return List.of(
                "wasmton build",
                "wasmton build orders",
                "wasmton build orders && wasmton test orders");
    }

    @Override
    public int run(Session session) throws CommandException {
        Project project = Projects.in(folder);
        return build(project, session, session.out()) ? ExitCode.OK : ExitCode.FAILED;
    }

    /**
     * Builds a project and prints the result.
     *
     * @return whether the build made the file
     * @throws BadInputException if the project cannot be built, or a tool is missing
     */
    static boolean build(Project project, Session session, PrintStream out) throws BadInputException {
        check(project, session);
        Build build = new Build(project, session.environment());
        long begin = System.nanoTime();
        int code;
        try {
            code = build.run(out::println);
        } catch (IOException e) {
            throw new BadInputException("Cannot run the build command in " + project.folder() + ": "
                    + FileError.of(e) + '.', e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        Duration time = Duration.ofMillis((System.nanoTime() - begin) / 1_000_000);
        if (code != 0) {
            out.println("The build failed with exit code " + code + ": " + project.build());
            return false;
        }
        if (!Files.exists(project.wasm())) {
            out.println("The build ended well but left no file " + project.wasm() + ", which the line processor-wasm "
                    + "in " + Project.FILE + " names.");
            return false;
        }
        describe(project.wasm(), time, out);
        return true;
    }

    /**
     * Checks that a project can be built.
     *
     * @throws BadInputException if it has no build command, or a tool is missing
     */
    static void check(Project project, Session session) throws BadInputException {
        if (project.build() == null) {
            throw new BadInputException(project.folder().resolve(Project.FILE) + " has no line 'project.build = "
                    + "COMMAND'.", null);
        }
        List<String> missing = new Build(project, session.environment()).missing();
        if (!missing.isEmpty()) {
            throw new BadInputException(String.join(System.lineSeparator(), missing), null);
        }
    }

    private static void describe(Path wasm, Duration time, PrintStream out) throws BadInputException {
        byte[] content = InspectCommand.content(wasm);
        if (wasm.toString().endsWith(".wat")) {
            out.println("Built " + wasm + " in " + AttemptText.time(time));
            return;
        }
        Inspection inspection;
        try {
            inspection = Inspection.of(content);
        } catch (IllegalArgumentException e) {
            throw new BadInputException("The build left " + wasm + ", but " + e.getMessage() + '.', e);
        }
        out.println("Built " + wasm + " in " + AttemptText.time(time) + ": " + AttemptText.size(content.length) + ", "
                + inspection.kind());
        if (!inspection.grants().isEmpty()) {
            out.println("It may use: " + inspection.grants());
        }
        if (inspection.advice() != null) {
            out.println(inspection.advice());
        }
    }
}
