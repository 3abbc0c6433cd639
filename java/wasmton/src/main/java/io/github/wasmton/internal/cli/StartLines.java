package io.github.wasmton.internal.cli;

import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Collectors;

import io.github.wasmton.failure.FailureOptions;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.StateConfig;
import io.github.wasmton.internal.text.Quantity;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;

/** Lines that a starting processor prints: the guest, its grants, and the addresses of its monitoring. */
final class StartLines {
    private final PrintStream out;

    StartLines(PrintStream out) {
        this.out = out;
    }

    /** Prints the addresses of metrics and health. */
    void address(InetSocketAddress metrics) {
        if (metrics != null) {
            print("http://%s:%d: /metrics, /health, /ready", metrics.getHostString(), metrics.getPort());
        }
    }

    void engine(EngineChoice choice, EngineConfig config, int partitions, String concurrency) {
        print("wasmton %s: engine %s (%s), topic %s (%d partitions) on %s, group %s, %s, %s", Root.Version.own(),
                choice.engine().name(), choice.reason(), config.topic(), partitions, config.bootstrapServers(),
                config.group(), concurrency, config.exactlyOnce() ? "exactly once" : "at least once");
    }

    void guest(GuestModule module, FailureOptions failures) {
        GuestOptions options = module.options();
        List<String> dirs = options.wasi().preopenDirs().stream().map(dir -> dir.hostPath() + " as " + dir.guestPath()
                + (dir.writable() ? "" : " (read-only)")).toList();
        print("guest %s (sha256 %.12s): %s per task, %s; %s; directories: %s; environment: %s; network: %s; "
                + "output topics: %s", module.path(), module.sha256(), Quantity.time(options.deadline()),
                Quantity.size(options.limits().memory()), FailureArguments.line(failures), list(dirs),
                list(options.wasi().env().keySet()), network(options.network()),
                list(new TreeSet<>(options.outputs().topics())));
    }

    /**
     * Prints the stores.
     *
     * @param empty changelogs that do not exist yet
     */
    void state(StateConfig state, List<String> empty) {
        if (state.any()) {
            print("state: stores: %s; tables: %s%s", list(state.stores().stream().map(new StateArguments.StoreForm()
                    ::text).toList()), list(state.tables()),
                    empty.isEmpty() ? "" : "; begins empty, in new changelog topics that Kafka Streams creates: "
                            + list(empty));
        }
    }

    private static String network(NetworkAccess access) {
        String connect = list(access.connect());
        return access.listen().isEmpty() ? connect : connect + " (listening at " + list(access.listen()) + ')';
    }

    private static String list(Collection<String> names) {
        return names.isEmpty() ? Form.NONE : names.stream().collect(Collectors.joining(", "));
    }

    private void print(String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values));
    }
}
