package io.github.wasmton.internal.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.InvalidGuestException;
import io.github.wasmton.internal.author.AttemptText;
import io.github.wasmton.internal.author.Inspection;
import io.github.wasmton.internal.text.FileError;
import io.github.wasmton.internal.text.SettingNames;
import io.github.wasmton.wasmtime.internal.CodeFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows facts about a WebAssembly file, and why it cannot run. */
@Command(name = "inspect", mixinStandardHelpOptions = true, versionProvider = Root.Version.class,
        description = {"Show the kind of a WebAssembly file, its language, size, imports, exports and needed grants.",
            "",
            "It compiles the file to tell whether it can run as a processor; if not, it says why and what to do."},
        customSynopsis = "wasmton inspect [OPTIONS] [DIR|PROCESSOR_WASM]",
        exitCodeList = {
            "0:the file can run as a processor",
            "1:the file cannot run as a processor",
            "2:invalid input; the message says what is needed"})
final class InspectCommand extends ProcessorCommand {
    private static final int INDENT = 11;

    @Option(names = "--json", description = "Print a line of JSON.")
    boolean json;

    @Mixin
    CacheArguments cache = new CacheArguments();

    @Mixin
    CompileArguments compile = new CompileArguments();

    @Mixin
    ConfigurationArguments configuration = new ConfigurationArguments();

    @Override
    public List<String> examples() {
        return List.of(
                "wasmton inspect orders.wasm",
                "wasmton inspect orders.wasm --json | jq .parts",
                "wasmton inspect orders.wasm --code-cache none");
    }

    @Override
    public int run(Session session) throws CommandException {
        Path wasm = processor.wasm(session.err());
        byte[] content = content(wasm);
        if (new String(content, ISO_8859_1).stripLeading().startsWith("(")) {
            throw new BadInputException("Cannot inspect " + wasm + ": it is WebAssembly in the text format. Make the "
                    + "binary format of it, by 'wasm-tools parse -o FILE.wasm " + wasm + "'.", null);
        }
        Inspection inspection;
        try {
            inspection = Inspection.of(content);
        } catch (IllegalArgumentException e) {
            throw new BadInputException("Cannot inspect " + wasm + ": " + e.getMessage() + ". Give the .wasm file that "
                    + "the compiler made.", e);
        }
        SettingNames flags = SettingNames.translate(SettingFlags.ALL);
        String sha256 = CodeFiles.sha256(content);
        boolean kept = isKept(sha256, content.length);
        long begin = System.nanoTime();
        String error = null;
        try {
            compile.load(wasm, GuestOptions.DEFAULT, cache.cache(), session).close();
        } catch (InvalidGuestException e) {
            error = SettingNames.in(e.getMessage());
        } finally {
            flags.close();
        }
        Duration loaded = Duration.ofNanos(System.nanoTime() - begin);
        if (json) {
            session.out().println(inspection.json(content.length, sha256, error));
        } else {
            session.out().println(wasm + ": " + AttemptText.size(content.length) + ", sha256 " + sha256);
            inspection.lines().forEach(line -> print(session, line.getKey(), line.getValue()));
            print(session, "runs", error == null ? "yes; " + (kept ? "loaded from the code cache" : "compiled")
                    + " in " + AttemptText.time(loaded) : "no: " + error);
            if (inspection.advice() != null) {
                print(session, "advice", inspection.advice());
            }
        }
        return error == null ? ExitCode.OK : ExitCode.FAILED;
    }

    /** Returns whether the cache has code of the file, if only of another version. */
    private boolean isKept(String sha256, int bytes) {
        try {
            return CodeFiles.keeps(cache.cache(), bytes) && CodeFiles.lastUsed(cache.cache(), sha256) != null;
        } catch (IOException e) {
            return false;  // a directory that cannot be used keeps nothing
        }
    }

    static byte[] content(Path wasm) throws BadInputException {
        try {
            return Files.readAllBytes(wasm);
        } catch (NoSuchFileException e) {
            throw new BadInputException("There is no file " + wasm + ". Give the path of the .wasm file.", e);
        } catch (IOException e) {
            throw new BadInputException("Cannot read " + wasm + ": " + FileError.of(e) + '.', e);
        }
    }

    private static void print(Session session, String name, String text) {
        String indent = " ".repeat(INDENT);
        session.out().println(name + indent.substring(name.length()) + text.replace("\n", "\n" + indent));
    }
}
