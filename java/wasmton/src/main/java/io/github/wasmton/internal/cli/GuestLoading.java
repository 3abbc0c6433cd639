package io.github.wasmton.internal.cli;

import java.nio.file.Path;
import java.util.List;

import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.InvalidGuestException;
import io.github.wasmton.internal.text.SettingNames;
import io.github.wasmton.wasmtime.WasmtimeException;
import io.github.wasmton.wasmtime.wasi.WasiConfig;
import picocli.CommandLine.Mixin;

/** The options with which a guest is loaded, for all commands that run one. */
final class GuestLoading {
    @Mixin
    GuestArguments guest = new GuestArguments();

    @Mixin
    GrantArguments grants = new GrantArguments();

    @Mixin
    LimitArguments limits = new LimitArguments();

    /** Loads the guest and starts it once to check that it starts. */
    GuestModule load(Path wasm, Session session) throws BadInputException {
        grants.check();
        References references = new References(session.environment());
        GuestModule module;
        try {
            WasiConfig.Builder wasi = new WasiConfig(List.of(), references.resolve("--env", guest.env), grants.dirs)
                    .toBuilder();
            guest.applyStreams(wasi);
            GuestOptions options = limits.apply(GuestOptions.DEFAULT.withWasi(wasi.build()))
                    .withLogging(guest.logging())
                    .withNetwork(grants.network())
                    .withConfiguration(references.resolve("--guest-config", guest.configuration))
                    .withOutputs(limits.outputs(grants.outputTopics));
            session.hide(session.secrets().and(references.found()));
            module = GuestModule.load(wasm, options, guest.codeCache());
        } catch (InvalidGuestException | IllegalArgumentException | LinkageError e) {
            // The file; the environment, the network or the deadline; the native library. Each says what is wrong.
            throw new BadInputException(SettingNames.in(e.getMessage()), e);
        }
        try {
            module.instantiate().close();
            return module;
        } catch (WasmtimeException e) {
            module.close();
            throw new BadInputException(wasm + " does not start: " + SettingNames.in(e.getMessage()), e);
        }
    }
}
