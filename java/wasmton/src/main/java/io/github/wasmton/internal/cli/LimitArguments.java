package io.github.wasmton.internal.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.wasmton.guest.GuestLimits;
import io.github.wasmton.guest.GuestLogging;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.wasmtime.wasi.Output;
import io.github.wasmton.wasmtime.wasi.WasiConfig;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What a guest may use up, and where its standard streams go. */
final class LimitArguments {
    enum Target { LOG, INHERIT, DISCARD }

    @Option(names = "--start-deadline", paramLabel = "TIME", converter = Arguments.DurationConverter.class,
            description = "How long the start of an instance may take. Default: 60s.")
    Duration startDeadline = GuestOptions.DEFAULT.startDeadline();

    @Option(names = "--max-memory", paramLabel = "SIZE", converter = SizeConverter.class,
            description = "Most linear memory of one instance: bytes, or such as 512KiB, 64MiB or 1GiB. "
                    + "Default: 128MiB.")
    long maxMemory = GuestLimits.DEFAULT.memory();

    @Option(names = "--max-table-elements", paramLabel = "N",
            description = "Most elements in the tables of one instance. Default: 1000000.")
    long maxTableElements = GuestLimits.DEFAULT.tableElements();

    @Option(names = "--stdout", paramLabel = "log|inherit|discard",
            description = "Where the guest's standard output goes: its lines to the log, with topic, partition and "
                    + "offset; all of it to Wasmton's own; or nowhere. Default: log.")
    Target stdout = Target.LOG;

    @Option(names = "--stderr", paramLabel = "log|inherit|discard",
            description = "The same for its standard error. Default: log.")
    Target stderr = Target.LOG;

    GuestOptions apply(GuestOptions options) {
        WasiConfig.Builder wasi = options.wasi().toBuilder();
        if (stdout == Target.DISCARD) {
            wasi.stdout(Output.discard());
        }
        if (stderr == Target.DISCARD) {
            wasi.stderr(Output.discard());
        }
        return options.withWasi(wasi.build())
                .withLogging(new GuestLogging(stdout == Target.LOG, stderr == Target.LOG))
                .withStartDeadline(startDeadline)
                .withLimits(GuestLimits.DEFAULT.withMemory(maxMemory).withTableElements(maxTableElements));
    }

    static final class SizeConverter implements ITypeConverter<Long> {
        private static final Pattern SIZE = Pattern.compile("([0-9]{1,12})(|k|m|g)(?:i?b)?");

        @Override
        public Long convert(String value) {
            Matcher size = SIZE.matcher(value.toLowerCase(Locale.ROOT));
            if (!size.matches()) {
                throw new TypeConversionException("'" + value + "' is not a size, such as 65536, 512KiB or 64MiB");
            }
            return Long.parseLong(size.group(1)) << switch (size.group(2)) {
                case "k" -> 10;
                case "m" -> 20;
                case "g" -> 30;
                default -> 0;
            };
        }
    }
}
