package io.github.wasmton.wasmtime.bindgen;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;

import javax.lang.model.SourceVersion;

import com.palantir.javapoet.JavaFile;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import io.github.wasmton.wasmtime.WasmtimeException;
import io.github.wasmton.wasmtime.internal.Wit;

/**
 * The program that generates Java sources from WIT. Exit codes: 0 when they are written, 1 if they cannot be written, 2
 * for invalid input.
 */
@Command(name = "bindgen", sortOptions = false, mixinStandardHelpOptions = false,
        description = "Generates Java sources from WIT or from a component.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:The sources are written.", "1:The sources cannot be written.", "2:Invalid input."})
public final class Bindgen implements Callable<Integer> {
    @Parameters(paramLabel = "INPUT", description = "A folder of WIT, with its dependencies in the folder deps; a file "
            + "of WIT; or a component.")
    private Path input;

    @Option(names = "--output", required = true, paramLabel = "DIR",
            description = "Root folder of the sources. Files of the same names are replaced, others are left alone.")
    private Path output;

    @Option(names = "--package", paramLabel = "NAME", defaultValue = "",
            description = "Java package above WIT's own, like com.acme.wit. Default: none.")
    private String basePackage;

    @Option(names = "--world", paramLabel = "WORLD", defaultValue = "",
            description = "World, like plugin or acme:shop/plugin@1.0.0. Default: the only one, or all interfaces "
                    + "of a package without a world.")
    private String world;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Shows this help.")
    private boolean help;

    @Spec
    private CommandSpec spec;

    private Bindgen() {}

    /** Runs the program. Exits after a failure, and returns otherwise: a build may call this in its own process. */
    public static void main(String[] args) {
        int code = run(args);
        if (code != 0) {
            System.exit(code);
        }
    }

    /** Runs the program and returns its exit code. */
    static int run(String... args) {
        return new CommandLine(new Bindgen())
                .setParameterExceptionHandler((e, arguments) -> fail(2, e.getMessage() + ". See --help"))
                .execute(args);
    }

    @Override
    public Integer call() {
        if (!basePackage.isEmpty() && !SourceVersion.isName(basePackage)) {
            throw new ParameterException(spec.commandLine(), "--package: '" + basePackage
                    + "' is no name of a Java package. Use words with dots between them, like com.acme.wit");
        }
        List<JavaFile> files;
        try {
            files = new Generator(new WitDocument(Wit.read(input.toString(), world)), basePackage).files();
        } catch (IllegalArgumentException | UnsupportedWitException e) {
            return fail(2, e.getMessage());
        } catch (WasmtimeException e) {
            // wit-parser gives up on some components, such as one that exports what it imports.
            return fail(2, input + ": the WIT of this component cannot be read: " + e.getMessage()
                    + ". Use the WIT that it was made from");
        }
        try {
            for (JavaFile file : files) {
                Path folder = output.resolve(file.packageName().replace('.', '/'));
                Files.createDirectories(folder);
                Files.writeString(folder.resolve(file.typeSpec().name() + ".java"), file.toString());
            }
        } catch (IOException e) {
            return fail(1, "Cannot write to " + output + ": " + reason(e));
        }
        System.out.println(files.size() + " files in " + output);
        return 0;
    }

    /** Returns the reason of an error. Java's own message is often the path alone. */
    private static String reason(IOException e) {
        if (!(e instanceof FileSystemException error) || error.getFile() == null) {
            return e.getMessage();
        }
        if (e instanceof NoSuchFileException) {
            return "there is no folder for " + error.getFile();
        }
        if (e instanceof AccessDeniedException) {
            return "there is no permission for " + error.getFile();
        }
        return error.getFile() + (e instanceof FileAlreadyExistsException ? " exists and is not a folder"
                : error.getReason() == null ? "" : ": " + error.getReason());
    }

    private static int fail(int code, String message) {
        System.err.println(message);
        return code;
    }
}
