package io.github.wasmton.internal.cli;

import java.nio.file.Path;
import java.time.Duration;

import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.InvalidGuestException;
import io.github.wasmton.internal.text.GuestLines;
import io.github.wasmton.internal.text.SettingNames;
import io.github.wasmton.wasmtime.CodeCache;
import io.github.wasmton.wasmtime.ResourceLimitException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Options that limit the compiler, for all commands that load a guest. */
@Command(optionListHeading = "Limits")
final class CompileArguments {
    @Option(names = "--compile-deadline", paramLabel = "TIME", converter = Form.Time.class,
            description = "Time that compiling the guest may take. Default: ${DEFAULT-VALUE}.")
    Duration compileDeadline = Duration.ofSeconds(60);

    @Option(names = "--max-compile-memory", paramLabel = "SIZE", converter = Form.Size.class,
            description = "Maximum memory that compiling the guest may take, on Linux. Default: ${DEFAULT-VALUE}.")
    long maxCompileMemory = 2L << 30;

    /**
     * Loads a guest within the time and memory that compiling may take.
     *
     * @throws InvalidGuestException if it cannot run as a processor
     * @throws CommandException if a limit is reached, or if the command has to end before the guest is loaded
     */
    GuestModule load(Path wasm, GuestOptions options, CodeCache cache, Session session) throws CommandException {
        GuestLines lines = GuestLines.current();
        try {
            return Compilation.within(new Compilation.Limits(compileDeadline, maxCompileMemory), wasm, session.stop(),
                    () -> GuestLines.with(lines, () -> GuestModule.load(wasm, options, cache)));
        } catch (ResourceLimitException e) {
            throw new CommandException(ExitCode.FAILED, wasm + " cannot be loaded now: "
                    + SettingNames.in(e.getMessage()), e);
        }
    }
}
