package io.github.wasmton.wasmtime.wasi;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What a guest of WASI gets to see: its arguments, environment and directories. Clocks and randomness are always there;
 * its standard output and error are the JVM's; its standard input is empty. A plain value: it holds nothing native and
 * may be used by any thread, any number of times.
 */
public final class WasiConfig {
    /** No arguments, no environment, no directories. */
    public static final WasiConfig EMPTY = new WasiConfig(new String[0], new PreopenDir[0]);

    private final List<String> args;
    private final Map<String, String> env;
    private final List<PreopenDir> preopenDirs;

    /** Grants those directories; the environment is empty. */
    public WasiConfig(String[] args, PreopenDir[] preopenDirs) {
        this(List.of(args), Map.of(), List.of(preopenDirs));
    }

    /** Grants those directories and variables. */
    public WasiConfig(List<String> args, Map<String, String> env, List<PreopenDir> preopenDirs) {
        this.args = List.copyOf(args);
        this.env = Collections.unmodifiableMap(new TreeMap<>(env));
        this.preopenDirs = List.copyOf(preopenDirs);
        this.env.forEach((name, value) -> {
            Objects.requireNonNull(value, name);
            if (name.isEmpty() || name.indexOf('=') >= 0) {
                throw new IllegalArgumentException("not the name of an environment variable: '" + name + '\'');
            }
        });
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
}
