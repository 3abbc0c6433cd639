package io.github.wasmton.guest;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;

import io.github.wasmton.wasmtime.wasi.WasiConfig;

/**
 * What a guest is granted and how long it may take.
 *
 * @param wasi          its arguments, environment, directories and standard streams
 * @param deadline      how long one task may take, and the start of one instance; longer than zero. A guest that is
 *                      still running then is stopped within about 20 ms and its task fails with
 *                      {@link Outcome.Kind#DEADLINE}. A component is stopped wherever it is; a core module that waits
 *                      inside a host call (a sleep, a read) is stopped when that call returns.
 * @param network       what it may reach
 * @param configuration the settings that a guest of the world {@code decaton:processor} can ask for
 * @param outputs       the topics that such a guest can produce to
 */
public record GuestOptions(WasiConfig wasi, Duration deadline, NetworkAccess network,
        Map<String, String> configuration, OutputAccess outputs) {
    private static final Duration LONGEST = Duration.ofDays(366);  // before DEFAULT, whose making asks for it

    /** No arguments, environment, directories, network, settings or topics; ten seconds for a task. */
    public static final GuestOptions DEFAULT = new GuestOptions(WasiConfig.EMPTY, Duration.ofSeconds(10));

    public GuestOptions {
        Objects.requireNonNull(wasi, "wasi");
        Objects.requireNonNull(deadline, "deadline");
        Objects.requireNonNull(network, "network");
        Objects.requireNonNull(outputs, "outputs");
        configuration = Map.copyOf(configuration);
        if (deadline.isNegative() || deadline.isZero() || deadline.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("a deadline is longer than zero and at most a year: " + deadline);
        }
    }

    /** No network, no settings and no topics. */
    public GuestOptions(WasiConfig wasi, Duration deadline) {
        this(wasi, deadline, NetworkAccess.NONE, Map.of(), OutputAccess.NONE);
    }

    /** The same options with other grants. */
    public GuestOptions withWasi(WasiConfig newWasi) {
        return new GuestOptions(newWasi, deadline, network, configuration, outputs);
    }

    /** The same options with another deadline. */
    public GuestOptions withDeadline(Duration newDeadline) {
        return new GuestOptions(wasi, newDeadline, network, configuration, outputs);
    }

    /** The same options with another network. */
    public GuestOptions withNetwork(NetworkAccess newNetwork) {
        return new GuestOptions(wasi, deadline, newNetwork, configuration, outputs);
    }

    /** The same options with other settings. */
    public GuestOptions withConfiguration(Map<String, String> newConfiguration) {
        return new GuestOptions(wasi, deadline, network, newConfiguration, outputs);
    }

    /** The same options with other topics to produce to. */
    public GuestOptions withOutputs(OutputAccess newOutputs) {
        return new GuestOptions(wasi, deadline, network, configuration, newOutputs);
    }
}
