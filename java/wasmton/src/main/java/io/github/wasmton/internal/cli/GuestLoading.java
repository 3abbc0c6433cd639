package io.github.wasmton.internal.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.slf4j.event.Level;

import io.github.wasmton.guest.Guest;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.InvalidGuestException;
import io.github.wasmton.internal.text.GuestLines;
import io.github.wasmton.internal.text.SettingNames;
import io.github.wasmton.wasmtime.WasmtimeException;
import io.github.wasmton.wasmtime.wasi.WasiConfig;
import picocli.CommandLine.Mixin;

/** The options with which a guest is loaded, for all commands that run one. */
final class GuestLoading {
    /** Defaults that picocli does not know, by the options' names in a file. */
    static final Map<String, String> DEFAULTS = Map.of(
            "code-cache", "wasmton/code in the user's cache directory",
            "ca-file", "the system's trust store only");

    @Mixin
    GuestArguments guest = new GuestArguments();

    @Mixin
    CacheArguments cache = new CacheArguments();

    @Mixin
    GrantArguments grants = new GrantArguments();

    @Mixin
    StateArguments state = new StateArguments();

    @Mixin
    CompileArguments compile = new CompileArguments();

    @Mixin
    LimitArguments limits = new LimitArguments();

    /** Returns the options given, with references resolved. */
    GuestOptions options(Session session) throws BadInputException {
        grants.check();
        state.check();
        References references = new References(session.environment());
        try {
            WasiConfig.Builder wasi = new WasiConfig(List.of(), references.resolve("--env", guest.env), grants.dirs)
                    .toBuilder();
            guest.applyStreams(wasi);
            GuestOptions options = limits.apply(GuestOptions.DEFAULT.withWasi(wasi.build()))
                    .withLogging(guest.logging())
                    .withNetwork(grants.network())
                    .withConfiguration(references.resolve("--guest-config", guest.configuration))
                    .withOutputs(limits.outputs(grants.outputTopics))
                    .withState(state.access());
            session.hide(session.secrets().and(references.found()));
            return options;
        } catch (IllegalArgumentException | LinkageError e) {
            // The environment, the network or the deadline; the native library. Each says what is wrong.
            throw new BadInputException(SettingNames.in(e.getMessage()), e);
        }
    }

    /**
     * Loads the guest within the limits of compiling, and starts it once to check that it starts.
     *
     * @throws CommandException also if the command is to end meanwhile
     */
    GuestModule load(Path wasm, Session session) throws CommandException {
        GuestModule module = load(wasm, options(session), session);
        try {
            start(module).close();
            return module;
        } catch (BadInputException e) {
            module.close();
            throw e;
        }
    }

    /**
     * Loads the guest with these options, within the limits of compiling.
     *
     * @throws CommandException also if the command is to end meanwhile
     */
    GuestModule load(Path wasm, GuestOptions options, Session session) throws CommandException {
        try {
            return compile.load(wasm, options, cache.cache(), session);
        } catch (InvalidGuestException | IllegalArgumentException | LinkageError e) {
            throw new BadInputException(SettingNames.in(state.named(e.getMessage())), e);
        }
    }

    /** Makes an instance. */
    static Guest start(GuestModule module) throws BadInputException {
        try {
            return module.instantiate();
        } catch (WasmtimeException e) {
            throw new BadInputException(module.path() + " does not start: " + SettingNames.in(e.getMessage()), e);
        }
    }

    /** Work that runs guests and gets their log lines. */
    interface Work {
        int run(GuestLines lines) throws CommandException;
    }

    /** Runs work on this thread with the guests' log lines collected and messages that name options. */
    static int collecting(Level lowest, Work work) throws CommandException {
        SettingNames flags = SettingNames.translate(SettingFlags.ALL);
        try (GuestLines lines = GuestLines.collect(lowest)) {
            return work.run(lines);
        } finally {
            flags.close();
        }
    }
}
