package io.github.wasmton.internal.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.InvalidGuestException;
import io.github.wasmton.internal.author.AttemptText;
import io.github.wasmton.internal.text.FileError;
import io.github.wasmton.internal.text.SettingNames;
import io.github.wasmton.wasmtime.CodeCache;
import io.github.wasmton.wasmtime.internal.CodeFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Compiles a processor into the code cache, for an image. */
@Command(name = "compile", mixinStandardHelpOptions = true, versionProvider = Root.Version.class,
        description = {"Compile a processor into the code cache, so that a later start only loads it.",
            "",
            "Use it when you build an image: compiling a large processor takes up to 13 s of processor time. The code "
                + "fits this version of Wasmton and this kind of machine; elsewhere the processor is compiled again.",
            "",
            "It is also the way to compile a file that you do not trust: in a process of its own, within limits."},
        customSynopsis = "wasmton compile [--code-cache DIR] [DIR|PROCESSOR_WASM]",
        exitCodeList = {
            "0:the cache has the code, or the file is so small that none is kept",
            "1:the system has no thread or address space for it now",
            "2:invalid input; the message says what is needed"})
final class CompileCommand extends ProcessorCommand {
    @Mixin
    CacheArguments cache = new CacheArguments();

    @Mixin
    CompileArguments compile = new CompileArguments();

    @Mixin
    ConfigurationArguments configuration = new ConfigurationArguments();

    @Override
    public List<String> examples() {
        return List.of(
                "wasmton compile orders.wasm",
                "wasmton compile --code-cache /app/code orders.wasm",
                "wasmton compile --code-cache code orders.wasm &&\n"
                        + "    wasmton run --code-cache code localhost:9092 orders orders.wasm");
    }

    @Override
    public int run(Session session) throws CommandException {
        CodeCache directory = cache.cache();
        if (directory == CodeCache.NONE) {
            throw new BadInputException("--code-cache none keeps nothing: give a directory.", null);
        }
        Path wasm = processor.wasm(session.err());
        SettingNames flags = SettingNames.translate(SettingFlags.ALL);
        try {
            long begin = System.nanoTime();
            String sha256;
            try (GuestModule module = compile.load(wasm, GuestOptions.DEFAULT, directory, session)) {
                sha256 = module.sha256();
            }
            String time = AttemptText.time(Duration.ofNanos(System.nanoTime() - begin));
            if (!CodeFiles.keeps(directory, Files.size(wasm))) {
                session.out().println(wasm + " is so small that no code is kept; compiled in " + time);
                return ExitCode.OK;
            }
            Path kept = CodeFiles.lastUsed(directory, sha256);
            if (kept == null) {
                throw new IOException("nothing was written; is the disk full?");
            }
            session.out().println(wasm + ": ready in " + time + ", in " + kept + " ("
                    + AttemptText.size(Files.size(kept)) + ')');
            return ExitCode.OK;
        } catch (IOException e) {
            throw new BadInputException("The code of " + wasm + " cannot be kept: " + FileError.of(e) + ". Name a "
                    + "directory to which only this user can write, by --code-cache.", e);
        } catch (InvalidGuestException e) {
            throw new BadInputException(SettingNames.in(e.getMessage()), e);
        } finally {
            flags.close();
        }
    }
}
