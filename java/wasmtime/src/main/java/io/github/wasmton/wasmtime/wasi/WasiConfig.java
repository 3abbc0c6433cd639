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
 * What a guest of WASI gets to see: its arguments, environment, directories and standard streams, and what it takes for
 * the time and for chance. There is no network. A plain value: it holds nothing native and may be used by any thread,
 * any number of times.
 *
 * <p>Unless said otherwise there are no arguments, variables or directories; standard input is empty, standard output
 * and error are the JVM's; clocks and randomness are the machine's.
 */
public final class WasiConfig {
    /** Everything as it is unless said otherwise. */
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
    }

    /** Grants those directories; the environment is empty. */
    public WasiConfig(String[] args, PreopenDir[] preopenDirs) {
        this(List.of(args), Map.of(), List.of(preopenDirs));
    }

    /** Grants those directories and variables. */
    public WasiConfig(List<String> args, Map<String, String> env, List<PreopenDir> preopenDirs) {
        this(builder().args(args).env(env).preopenDirs(preopenDirs));
    }

    /** A builder of configurations, with everything as it is unless said otherwise. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder that begins with what this configuration says. */
    public Builder toBuilder() {
        Builder builder = new Builder().args(args).env(env).preopenDirs(preopenDirs);
        builder.stdin = stdin;
        builder.stdout = stdout;
        builder.stderr = stderr;
        builder.clockStart = clockStart;
        builder.clockStep = clockStep;
        builder.randomSeed = randomSeed;
        return builder;
    }

    /** The arguments, the program's name first where there is one. */
    public List<String> args() {
        return args;
    }

    /** The environment, by name. */
    public Map<String, String> env() {
        return env;
    }

    /** The directories, in the order in which the guest finds them. */
    public List<PreopenDir> preopenDirs() {
        return preopenDirs;
    }

    /** Where standard input comes from. */
    public Input stdin() {
        return stdin;
    }

    /** Where standard output goes to. */
    public Output stdout() {
        return stdout;
    }

    /** Where standard error goes to. */
    public Output stderr() {
        return stderr;
    }

    /** When the guest's clocks start, in nanoseconds since 1970 began (UTC); empty if they are the machine's. */
    public OptionalLong clockStart() {
        return clockStart;
    }

    /** By how many nanoseconds the guest's clocks go on at each look, if they are not the machine's. */
    public long clockStep() {
        return clockStep;
    }

    /** What the guest's random numbers follow from; empty if they are the machine's. */
    public OptionalLong randomSeed() {
        return randomSeed;
    }

    /** WASI hands texts over as C strings. */
    static String checkText(String what, String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a NUL in " + what + ": '" + text.replace("\0", "\\0") + '\'');
        }
        return text;
    }

    /** Puts a {@link WasiConfig} together. One thread at a time uses a builder; it may build any number of times. */
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

        private Builder() {}

        /** Adds arguments. The first of all is the program's name. */
        public Builder args(String... more) {
            return args(List.of(more));
        }

        /** Adds arguments. The first of all is the program's name. */
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

        /** Adds a directory that the guest may only read, and everything below it. */
        public Builder readOnlyDir(Path hostPath, String guestPath) {
            preopenDirs.add(new PreopenDir(hostPath.toString(), guestPath, false));
            return this;
        }

        /** Adds a directory in which the guest may read, write, create and delete, and everything below it. */
        public Builder readWriteDir(Path hostPath, String guestPath) {
            preopenDirs.add(new PreopenDir(hostPath.toString(), guestPath, true));
            return this;
        }

        /** Adds directories. */
        public Builder preopenDirs(List<PreopenDir> more) {
            preopenDirs.addAll(List.copyOf(more));
            return this;
        }

        /** Sets where standard input comes from. */
        public Builder stdin(Input input) {
            stdin = Objects.requireNonNull(input, "input");
            return this;
        }

        /** Sets where standard output goes to. */
        public Builder stdout(Output output) {
            stdout = Objects.requireNonNull(output, "output");
            return this;
        }

        /** Sets where standard error goes to. */
        public Builder stderr(Output output) {
            stderr = Objects.requireNonNull(output, "output");
            return this;
        }

        /**
         * Replaces the clocks by one that stands still but for one step each time that the guest looks at it; the
         * monotonic clock shows how far it is from its start. It starts anew for each guest that is given the
         * configuration. A sleep takes its time all the same.
         *
         * @param start from 1970 to 2262
         * @param step  zero or more; a guest that waits for a time by looking at a clock without a step waits for ever
         */
        public Builder clock(Instant start, Duration step) {
            clockStart = OptionalLong.of(nanos("start", Duration.between(Instant.EPOCH, start)));
            clockStep = nanos("step", step);
            return this;
        }

        /**
         * Makes the guest's random numbers follow from a seed: the same ones for each guest that is given the
         * configuration, whenever and wherever. Anybody can compute them; nothing secret is safe with them.
         */
        public Builder randomSeed(long seed) {
            randomSeed = OptionalLong.of(seed);
            return this;
        }

        /** The configuration. */
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
