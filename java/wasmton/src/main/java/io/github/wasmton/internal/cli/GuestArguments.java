package io.github.wasmton.internal.cli;

import java.util.LinkedHashMap;
import java.util.Map;

import io.github.wasmton.guest.GuestLogging;
import io.github.wasmton.wasmtime.wasi.Output;
import io.github.wasmton.wasmtime.wasi.WasiConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Options for the guest's configuration and its output. */
@Command(optionListHeading = "Guest")
final class GuestArguments {
    enum Target { LOG, INHERIT, DISCARD }

    private static final String PROVIDERS = "VALUE may contain ${file:FILE:KEY}, ${directory:DIR:FILE} or ${env:NAME}.";

    @Option(names = "--env", paramLabel = "NAME=VALUE",
            description = "Environment variable of the guest; repeatable. " + PROVIDERS)
    Map<String, String> env = new LinkedHashMap<>();

    @Option(names = "--guest-config", paramLabel = OptionNames.SETTING,
            description = "Setting that a guest of the world decaton:processor can read; repeatable. " + PROVIDERS)
    Map<String, String> configuration = new LinkedHashMap<>();

    @Option(names = "--stdout", paramLabel = "log|inherit|discard",
            description = "Destination of the guest's standard output: the log, with topic, partition and offset; "
                    + "Wasmton's own output; or nowhere. Default: ${DEFAULT-VALUE}.")
    Target stdout = Target.LOG;

    @Option(names = "--stderr", paramLabel = "log|inherit|discard",
            description = "Destination of the guest's standard error. Default: ${DEFAULT-VALUE}.")
    Target stderr = Target.LOG;

    GuestLogging logging() {
        return new GuestLogging(stdout == Target.LOG, stderr == Target.LOG);
    }

    void applyStreams(WasiConfig.Builder wasi) {
        if (stdout == Target.DISCARD) {
            wasi.stdout(Output.discard());
        }
        if (stderr == Target.DISCARD) {
            wasi.stderr(Output.discard());
        }
    }
}
