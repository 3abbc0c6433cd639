package io.github.wasmton.testing;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

import io.github.wasmton.guest.Outcome;
import io.github.wasmton.wasmtime.Config;
import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.TrapCode;
import io.github.wasmton.wasmtime.TrapException;
import io.github.wasmton.wasmtime.WasmFeature;
import io.github.wasmton.wasmtime.component.Component;
import io.github.wasmton.wasmtime.component.ComponentException;
import io.github.wasmton.wasmtime.component.ComponentFunc;
import io.github.wasmton.wasmtime.component.ComponentLinker;
import io.github.wasmton.wasmtime.component.ComponentVariant;
import io.github.wasmton.wasmtime.wasi.Wasi;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

/** The guest {@code probe} as a component of the binding: in a Store, with a Java object in place of Wasmton. */
public final class ProbeStore implements AutoCloseable {
    private static final String WORLD = "decaton:processor/";

    /** The probe, compiled once for each way of running it. */
    private static final class Compiled {
        static final Compiled ON_THREAD = new Compiled(false);
        static final Compiled ON_FIBERS = new Compiled(true);

        final Engine engine;
        final Component probe;
        /** A component whose Store runs all its components on fibers. */
        final Component async;

        private Compiled(boolean onFibers) {
            engine = new Engine(new Config().epochTick(Duration.ofMillis(1))
                    .wasmFeature(WasmFeature.COMPONENT_MODEL_ASYNC, onFibers));
            probe = Component.fromFile(engine, TestGuests.guest("probe"));
            async = onFibers ? Component.fromFile(engine, TestGuests.guest("async-component")) : null;
        }
    }

    private final List<String> lines = new ArrayList<>();
    private final Store store;
    private final Wasi wasi;
    private final ComponentFunc process;

    /** Instantiates the probe in a new Store. */
    public ProbeStore(WasiConfig config, boolean onFibers) {
        this(config, onFibers, linker -> { });
    }

    /** Instantiates the probe in a new Store, with further definitions. */
    public ProbeStore(WasiConfig config, boolean onFibers, Consumer<ComponentLinker> definitions) {
        Compiled compiled = onFibers ? Compiled.ON_FIBERS : Compiled.ON_THREAD;
        store = new Store(compiled.engine);
        wasi = new Wasi(store, config);
        ComponentLinker linker = new ComponentLinker();
        Wasi.addToLinker(linker);
        linker.define(WORLD + "log@0.1.0", "write", args -> lines.add((String) args[1]))
                .define(WORLD + "log@0.1.0", "enabled", args -> true)
                .define(WORLD + "configuration@0.1.0", "get", args -> Optional.empty())
                .define(WORLD + "configuration@0.1.0", "get-all", args -> List.of())
                .define(WORLD + "metrics@0.1.0", "count", args -> null)
                .define(WORLD + "producer@0.1.0", "produce", args -> null);
        definitions.accept(linker);
        if (onFibers) {
            linker.instantiate(store, compiled.async);
        }
        process = linker.instantiate(store, compiled.probe).getFunc(WORLD + "task-handler@0.1.0", "process");
    }

    public Store store() {
        return store;
    }

    public Wasi wasi() {
        return wasi;
    }

    /** Gives it one task, as Wasmton does, and returns the outcome that a guest of Wasmton would have. */
    public Outcome process(Duration deadline, String task) {
        try {
            store.callWithin(deadline, () -> call(task));
            return Outcome.DONE;
        } catch (ComponentException e) {
            ComponentVariant error = (ComponentVariant) e.error();
            return failed("skip".equals(error.name()) ? Outcome.Kind.SKIP : Outcome.Kind.REFUSED,
                    String.valueOf(error.value()));
        } catch (TrapException e) {
            return failed(e.code() == TrapCode.INTERRUPT ? Outcome.Kind.DEADLINE : Outcome.Kind.TRAP, e.getMessage());
        }
    }

    /** Gives it one task without a deadline. */
    public Object call(String task) {
        return process.call(Map.of("topic", "topic", "partition", 0, "offset", 7, "timestamp", -1, "key",
                Optional.empty(), "value", Optional.of(task.getBytes(StandardCharsets.UTF_8)), "headers", List.of(),
                "attempt", 1));
    }

    private static Outcome failed(Outcome.Kind kind, String reason) {
        return new Outcome.Failed(kind, reason, "");
    }

    /** Returns the lines that it logged, and what it was refused. */
    public List<String> log() {
        List<String> log = new ArrayList<>(lines);
        log.addAll(wasi.refusals());
        return log;
    }

    @Override
    public void close() {
        store.close();
    }
}
