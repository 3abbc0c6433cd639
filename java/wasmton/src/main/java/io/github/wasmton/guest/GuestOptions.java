package io.github.wasmton.guest;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;

import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

/**
 * Grants, deadlines and limits of a guest.
 *
 * @param wasi          its arguments, environment, directories, standard streams and network
 * @param logging       which of its standard streams go to the log
 * @param deadline      how long one task may take; longer than zero. A guest that is still running then is stopped
 *                      within about 20 ms, and its task fails with {@link Outcome.Kind#DEADLINE}. So is one that waits:
 *                      for a clock, a socket, a name, standard input. Only while a core module is in a file's or a Java
 *                      stream's own read or write it is stopped afterwards.
 * @param startDeadline the same for the start of one instance, {@code _initialize} included
 * @param limits        how much one instance may take
 * @param configuration the settings that a guest of protocol 1 or of the world {@code decaton:processor} can ask for
 * @param outputs       the topics that such a guest can produce to
 * @param state         the stores that such a guest can use
 */
public record GuestOptions(WasiConfig wasi, GuestLogging logging, Duration deadline, Duration startDeadline,
        GuestLimits limits, Map<String, String> configuration, OutputAccess outputs, StateAccess state) {
    private static final Duration LONGEST = Duration.ofDays(366);  // before DEFAULT, whose making asks for it

    /**
     * Options that grant no arguments, environment, directories, network, settings, topics or stores; ten seconds for a
     * task, a minute for a start, {@link GuestLimits#DEFAULT}; both output streams are logged.
     */
    public static final GuestOptions DEFAULT = new GuestOptions(WasiConfig.EMPTY, GuestLogging.BOTH,
            Duration.ofSeconds(10), Duration.ofSeconds(60), GuestLimits.DEFAULT, Map.of(), OutputAccess.NONE,
            StateAccess.NONE);

    public GuestOptions {
        Objects.requireNonNull(wasi, "wasi");
        Objects.requireNonNull(logging, "logging");
        Objects.requireNonNull(limits, "limits");
        Objects.requireNonNull(outputs, "outputs");
        Objects.requireNonNull(state, "state");
        configuration = Map.copyOf(configuration);
        check(deadline);
        check(startDeadline);
    }

    private static void check(Duration deadline) {
        if (deadline.isNegative() || deadline.isZero() || deadline.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("a deadline is longer than zero and at most a year: " + deadline);
        }
    }

    /** Returns these options with another WASI environment, the network included. */
    public GuestOptions withWasi(WasiConfig newWasi) {
        return new GuestOptions(newWasi, logging, deadline, startDeadline, limits, configuration, outputs, state);
    }

    /** Returns these options with other streams logged. */
    public GuestOptions withLogging(GuestLogging newLogging) {
        return new GuestOptions(wasi, newLogging, deadline, startDeadline, limits, configuration, outputs, state);
    }

    /** Returns these options with another deadline for a task. */
    public GuestOptions withDeadline(Duration newDeadline) {
        return new GuestOptions(wasi, logging, newDeadline, startDeadline, limits, configuration, outputs, state);
    }

    /** Returns these options with another deadline for a start. */
    public GuestOptions withStartDeadline(Duration newStartDeadline) {
        return new GuestOptions(wasi, logging, deadline, newStartDeadline, limits, configuration, outputs, state);
    }

    /** Returns these options with other limits. */
    public GuestOptions withLimits(GuestLimits newLimits) {
        return new GuestOptions(wasi, logging, deadline, startDeadline, newLimits, configuration, outputs, state);
    }

    /** Returns a guest's network access, which is a part of {@link #wasi}. */
    public NetworkAccess network() {
        return wasi.network();
    }

    /** Returns these options with another network access in {@link #wasi}. */
    public GuestOptions withNetwork(NetworkAccess newNetwork) {
        return withWasi(wasi.toBuilder().network(newNetwork).build());
    }

    /** Returns these options with other settings. */
    public GuestOptions withConfiguration(Map<String, String> newConfiguration) {
        return new GuestOptions(wasi, logging, deadline, startDeadline, limits, newConfiguration, outputs, state);
    }

    /** Returns these options with other topics to produce to. */
    public GuestOptions withOutputs(OutputAccess newOutputs) {
        return new GuestOptions(wasi, logging, deadline, startDeadline, limits, configuration, newOutputs, state);
    }

    /** Returns these options with other stores. */
    public GuestOptions withState(StateAccess newState) {
        return new GuestOptions(wasi, logging, deadline, startDeadline, limits, configuration, outputs, newState);
    }
}
