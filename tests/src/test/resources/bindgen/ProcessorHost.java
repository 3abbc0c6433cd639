import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import decaton.processor.Configuration;
import decaton.processor.Log;
import decaton.processor.Metrics;
import decaton.processor.Producer;
import decaton.processor.State;
import decaton.processor.StatefulProcessor;
import decaton.processor.TaskHandler;
import decaton.processor.Tuple2;
import decaton.processor.Types;

import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.component.Component;
import io.github.wasmton.wasmtime.component.ComponentLinker;
import io.github.wasmton.wasmtime.wasi.Wasi;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

/** A host of a task processor, on generated sources; the test of the generator compiles and runs it. */
public final class ProcessorHost {
    private final List<String> lines = new ArrayList<>();
    private final TreeMap<byte[], byte[]> counts = new TreeMap<>(Arrays::compareUnsigned);

    private ProcessorHost() {}

    private static final class Settings implements Configuration {
        @Override
        public Optional<String> get(String name) {
            return getAll().stream().filter(it -> it.first().equals(name)).map(Tuple2::second).findAny();
        }

        @Override
        public List<Tuple2<String, String>> getAll() {
            return List.of(new Tuple2<>("topic", "totals"));
        }
    }

    private final class Lines implements Log {
        @Override
        public void write(Level level, String message) {
            lines.add(level + " " + message);
        }

        @Override
        public boolean enabled(Level level) {
            return level != Level.TRACE;
        }
    }

    private final class Counts implements State.Bucket {
        @Override
        public Optional<byte[]> get(byte[] key) {
            return Optional.ofNullable(counts.get(key));
        }

        @Override
        public void set(byte[] key, byte[] value) {
            if (value.length > 5) {
                throw new State.ErrorException(new State.Error.Limit("5 bytes"));
            }
            counts.put(key, value);
        }

        @Override
        public void delete(byte[] key) {
            counts.remove(key);
        }

        @Override
        public List<Tuple2<byte[], byte[]>> scan(byte[] start, Optional<byte[]> end, long limit) {
            Map<byte[], byte[]> found = end.map(to -> counts.subMap(start, to)).orElse(counts.tailMap(start));
            return found.entrySet().stream().limit(limit).map(it -> new Tuple2<>(it.getKey(), it.getValue())).toList();
        }
    }

    /** Gives a processor some tasks, and returns what came of them. */
    public static List<String> run(Path file) {
        ProcessorHost host = new ProcessorHost();
        try (Engine engine = new Engine(); Component component = Component.fromFile(engine, file);
             Store store = new Store(engine)) {
            ComponentLinker linker = new ComponentLinker()
                    .define(Configuration.NAME, Configuration.class, new Settings())
                    .define(Log.NAME, Log.class, host.new Lines())
                    .define(Metrics.NAME, Metrics.class, (name, amount) -> host.lines.add(name + " + " + amount))
                    .define(Producer.NAME, Producer.class, message -> host.lines.add(message.topic() + ": "
                            + text(message.key()) + '=' + text(message.value())))
                    .define(State.NAME, State.class, name -> {
                        if (!name.equals("counts")) {
                            throw new State.ErrorException(new State.Error.NoSuchStore());
                        }
                        return host.new Counts();
                    });
            new Wasi(store, WasiConfig.EMPTY);
            Wasi.addToLinker(linker);
            TaskHandler handler = linker.instantiate(store, component, StatefulProcessor.class).taskHandler();
            for (String value : List.of("", "", "set counts b 22", "get counts b", "scan counts a - 9",
                    "set counts b 333333", "get nothing b", "delete counts b", "get counts b")) {
                host.process(handler, value);
            }
        }
        return host.lines;
    }

    private void process(TaskHandler handler, String value) {
        try {
            handler.process(new Types.Task("orders", 0, 1, -1, Optional.of("a".getBytes(StandardCharsets.UTF_8)),
                    Optional.of(value.getBytes(StandardCharsets.UTF_8)),
                    List.of(new Types.Header("trace", Optional.empty())), 1));
        } catch (Types.ProcessErrorException e) {
            lines.add(e.error().toString());
        }
    }

    private static String text(Optional<byte[]> bytes) {
        return bytes.map(it -> new String(it, StandardCharsets.UTF_8)).orElse("none");
    }
}
