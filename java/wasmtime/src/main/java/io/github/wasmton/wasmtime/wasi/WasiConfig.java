package io.github.wasmton.wasmtime.wasi;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * The environment of a WASI guest: arguments, environment variables, directories, standard streams, clocks, random
 * numbers and network. A plain value: it holds nothing native, and any thread may use it any number of times.
 *
 * <p>By default there are no arguments, variables or directories, and no network; standard input is empty; standard
 * output and error are the JVM's; clocks and random numbers are the machine's.
 */
public final class WasiConfig {
    /** A configuration of defaults only. */
    public static final WasiConfig EMPTY = builder().build();

    private final List<String> args;
    private final Map<String, String> env;
    private final List<PreopenDir> preopenDirs;
    private final Input stdin;
    private final Output stdout;
    private final Output stderr;
    private final OptionalLong clockStart;
    private final long clockStep;
    private final OptionalLong randomSeed;
    private final NetworkAccess network;

    private WasiConfig(Builder builder) {
        args = List.copyOf(builder.args);
        env = Collections.unmodifiableMap(new TreeMap<>(builder.env));
        preopenDirs = List.copyOf(builder.preopenDirs);
        stdin = builder.stdin;
        stdout = builder.stdout;
        stderr = builder.stderr;
        clockStart = builder.clockStart;
        clockStep = builder.clockStep;
        randomSeed = builder.randomSeed;
        network = builder.network;
    }

    /** Creates a configuration with these arguments and directories; the rest has defaults. */
    public WasiConfig(String[] args, PreopenDir[] preopenDirs) {
        this(List.of(args), Map.of(), List.of(preopenDirs));
    }

    /** Creates a configuration with these arguments, variables and directories; the rest has defaults. */
    public WasiConfig(List<String> args, Map<String, String> env, List<PreopenDir> preopenDirs) {
        this(builder().args(args).env(env).preopenDirs(preopenDirs));
    }

    /** Returns a builder that starts with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns a builder that starts with this configuration. */
    public Builder toBuilder() {
        Builder builder = new Builder().args(args).env(env).preopenDirs(preopenDirs);
        builder.stdin = stdin;
        builder.stdout = stdout;
        builder.stderr = stderr;
        builder.clockStart = clockStart;
        builder.clockStep = clockStep;
        builder.randomSeed = randomSeed;
        builder.network = network;
        return builder;
    }

    /** Returns the arguments, the program's name first if there is one. */
    public List<String> args() {
        return args;
    }

    /** Returns the environment variables by name. */
    public Map<String, String> env() {
        return env;
    }

    /** Returns the directories, in the order in which the guest finds them. */
    public List<PreopenDir> preopenDirs() {
        return preopenDirs;
    }

    /** Returns the source of standard input. */
    public Input stdin() {
        return stdin;
    }

    /** Returns the target of standard output. */
    public Output stdout() {
        return stdout;
    }

    /** Returns the target of standard error. */
    public Output stderr() {
        return stderr;
    }

    /** Returns the start of the guest's clocks, in nanoseconds since 1970 (UTC); empty if they are the machine's. */
    public OptionalLong clockStart() {
        return clockStart;
    }

    /** Returns the step of the guest's clocks per reading, in nanoseconds, if they are not the machine's. */
    public long clockStep() {
        return clockStep;
    }

    /** Returns the seed of the guest's random numbers; empty if they are the machine's. */
    public OptionalLong randomSeed() {
        return randomSeed;
    }

    /**
     * Returns the network access of components by {@code wasi:sockets} and {@code wasi:http}. Modules reach nothing,
     * because WASI 0.1 cannot open sockets.
     */
    public NetworkAccess network() {
        return network;
    }

    /** Rejects text with a NUL, since WASI passes text as C strings. */
    static String checkText(String what, String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a NUL in " + what + ": '" + text.replace("\0", "\\0") + '\'');
        }
        return text;
    }

    /** A builder of {@link WasiConfig}s. Not thread-safe; reusable after {@link #build}. */
    public static final class Builder {
        private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

        private final List<String> args = new ArrayList<>();
        private final Map<String, String> env = new TreeMap<>();
        private final List<PreopenDir> preopenDirs = new ArrayList<>();
        private Input stdin = Input.empty();
        private Output stdout = Output.inherit();
        private Output stderr = Output.inherit();
        private OptionalLong clockStart = OptionalLong.empty();
        private long clockStep;
        private OptionalLong randomSeed = OptionalLong.empty();
        private NetworkAccess network = NetworkAccess.NONE;

        private Builder() {}

        /** Adds arguments. The first argument of all is the program's name. */
        public Builder args(String... more) {
            return args(List.of(more));
        }

        /** Adds arguments. The first argument of all is the program's name. */
        public Builder args(List<String> more) {
            more.forEach(arg -> args.add(checkText("an argument", arg)));
            return this;
        }

        /** Sets one variable of the environment. */
        public Builder env(String name, String value) {
            if (name.isEmpty() || name.indexOf('=') >= 0) {
                throw new IllegalArgumentException("not the name of an environment variable: '" + name + '\'');
            }
            env.put(checkText("a variable's name", name), checkText("the variable " + name, value));
            return this;
        }

        /** Sets variables of the environment. */
        public Builder env(Map<String, String> variables) {
            variables.forEach(this::env);
            return this;
        }

        /** Adds a directory that the guest may only read, with everything below it. */
        public Builder readOnlyDir(Path hostPath, String guestPath) {
            preopenDirs.add(new PreopenDir(hostPath.toString(), guestPath, false));
            return this;
        }

        /** Adds a directory in which the guest may read, write, create and delete, with everything below it. */
        public Builder readWriteDir(Path hostPath, String guestPath) {
            preopenDirs.add(new PreopenDir(hostPath.toString(), guestPath, true));
            return this;
        }

        /** Adds directories. */
        public Builder preopenDirs(List<PreopenDir> more) {
            preopenDirs.addAll(List.copyOf(more));
            return this;
        }

        /** Sets the source of standard input. */
        public Builder stdin(Input input) {
            stdin = Objects.requireNonNull(input, "input");
            return this;
        }

        /** Sets the target of standard output. */
        public Builder stdout(Output output) {
            stdout = Objects.requireNonNull(output, "output");
            return this;
        }

        /** Sets the target of standard error. */
        public Builder stderr(Output output) {
            stderr = Objects.requireNonNull(output, "output");
            return this;
        }

        /**
         * Replaces the clocks by one that advances only when the guest reads it, by one step per reading; the monotonic
         * clock shows the time since the start. It starts anew for each guest that gets the configuration. Sleeping
         * still takes real time.
         *
         * @param start from 1970 to 2262
         * @param step  zero or more; with zero, a guest that polls a clock until some time waits forever
         */
        public Builder clock(Instant start, Duration step) {
            clockStart = OptionalLong.of(nanos("start", Duration.between(Instant.EPOCH, start)));
            clockStep = nanos("step", step);
            return this;
        }

        /**
         * Derives the guest's random numbers from a seed: they are the same for each guest that gets the configuration,
         * at any time and on any machine. Anybody can compute them, so do not use them for secrets.
         */
        public Builder randomSeed(long seed) {
            randomSeed = OptionalLong.of(seed);
            return this;
        }

        /**
         * Sets the network access of components by {@code wasi:sockets} and {@code wasi:http}. A module in a
         * {@link io.github.wasmton.wasmtime.Store} reaches nothing, because WASI 0.1 cannot open sockets.
         */
        public Builder network(NetworkAccess access) {
            network = Objects.requireNonNull(access, "access");
            return this;
        }

        /** Builds the configuration. */
        public WasiConfig build() {
            return new WasiConfig(this);
        }

        private static long nanos(String what, Duration duration) {
            if (duration.isNegative() || duration.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException("the clock's " + what + " is out of its range: " + duration);
            }
            return duration.toNanos();
        }
    }
}
