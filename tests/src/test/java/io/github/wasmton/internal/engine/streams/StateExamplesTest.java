package io.github.wasmton.internal.engine.streams;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

import io.github.wasmton.failure.FailureOptions;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.OutputAccess;
import io.github.wasmton.guest.StateAccess;
import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.StateConfig;
import io.github.wasmton.internal.kafka.KafkaSettings;
import io.github.wasmton.internal.run.RunContext;
import io.github.wasmton.internal.run.TaskRunner;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.TestGuests;
import io.github.wasmton.testing.TestKafka;

/** Runs the examples of docs/state.md. */
class StateExamplesTest {
    private static final Path PROJECT = Path.of(System.getProperty("wasmton.project.dir"));
    private static final Pattern RUST = Pattern.compile("```rust\n(.*?)```", Pattern.DOTALL);
    private static final long HOUR = 3_600_000;
    private static final long NOON = 1_700_000_000_000L / HOUR * HOUR;

    private final String topic = TestKafka.newTopic(1);

    @Test
    void pageHasTheFunctionsOfTheGuest() throws Exception {
        String source = Files.readString(PROJECT.resolve("tests/guests/state-examples/src/lib.rs"));
        Matcher blocks = RUST.matcher(Files.readString(PROJECT.resolve("docs/state.md")));
        int found = 0;
        while (blocks.find()) {
            assertTrue(source.contains(blocks.group(1)), blocks.group(1));
            found++;
        }
        assertEquals(4, found);
    }

    @Test
    void deduplicatePassesARecordOnOnceWithinAnHour() throws Exception {
        assertEquals(List.of("a=1", "b=2", "a=4"), run("deduplicate", "unique",
                new StateConfig(List.of(new StateConfig.Store("seen", Duration.ofHours(1), false)), List.of()),
                record(0, "a", "1"), record(1, "b", "2"), record(HOUR - 1, "a", "3"), record(HOUR, "a", "4")));
    }

    @Test
    void changesPassOnNewValuesOnly() throws Exception {
        assertEquals(List.of("a=1", "b=1", "a=2", "a=1"), run("changes", "changes", store("last"),
                record(0, "a", "1"), record(1, "b", "1"), record(2, "a", "1"), record(3, "a", "2"),
                record(4, "a", "1"), record(5, "a", "1")));
    }

    @Test
    void perHourSendsTheCountOfAnHourThatIsOver() throws Exception {
        assertEquals(List.of("a=2", "b=1", "a=1"), run("per-hour", "per-hour", store("hours"),
                record(0, "a", ""), record(1, "b", ""), record(HOUR - 1, "a", ""), record(HOUR, "a", ""),
                record(2 * HOUR, "b", ""), record(3 * HOUR, "a", "")));
    }

    @Test
    void enrichAddsTheNameFromTheTable() throws Exception {
        if (TestKafka.isMissing("customers")) {
            TestKafka.createTopic("customers", 2);
        }
        TestKafka.send("customers", 1, "c1".getBytes(UTF_8), "Ada".getBytes(UTF_8));
        assertEquals(List.of("c1=order Ada"), run("enrich", "orders-with-names",
                new StateConfig(List.of(), List.of("customers")), record(0, "c1", "order")));
    }

    private static StateConfig store(String name) {
        return new StateConfig(List.of(new StateConfig.Store(name, null, false)), List.of());
    }

    private ProducerRecord<byte[], byte[]> record(long time, String key, String value) {
        return new ProducerRecord<>(topic, 0, NOON + time, key.getBytes(UTF_8), value.getBytes(UTF_8));
    }

    /** Gives records to an example, and returns what it sent as {@code key=value}, with the values of headers. */
    @SafeVarargs
    private List<String> run(String example, String output, StateConfig state,
            ProducerRecord<byte[], byte[]>... records) throws Exception {
        if (TestKafka.isMissing(output)) {
            TestKafka.createTopic(output, 1);
        }
        int before = TestKafka.records(output).size();
        for (ProducerRecord<byte[], byte[]> record : records) {
            TestKafka.send(record);
        }
        GuestOptions options = GuestOptions.DEFAULT.withOutputs(OutputAccess.to(output))
                .withConfiguration(Map.of("example", example)).withState(StateAccess
                        .of(state.stores().stream().map(StateConfig.Store::name).toArray(String[]::new))
                        .withTables(state.tables()));
        try (GuestModule module = GuestModule.load(TestGuests.guest("state-examples"), options);
                RunContext context = RunContext.of(module, FailureOptions.DEFAULT,
                        Map.of("bootstrap.servers", TestKafka.bootstrapServers()));
                Engine engine = new StreamsEngineType().create(new EngineConfig(TestKafka.bootstrapServers(), topic,
                        "group-" + topic, 1, KafkaSettings.NONE, () -> new TaskRunner(module, context)).withState(state)
                        .withExactlyOnce(true))) {
            engine.start();
            Await.until("every task", () -> context.counters().done() == records.length || engine.ended().isDone());
            assertTrue(engine.close(Await.LIMIT), "closed in time");
            assertEquals(null, engine.ended().getNow(null), () -> context.settlement().stopReason());
        }
        return TestKafka.records(output).stream().skip(before).map(record -> {
            StringBuilder text = new StringBuilder(new String(record.key(), UTF_8)).append('=')
                    .append(new String(record.value(), UTF_8));
            record.headers().forEach(header -> text.append(' ').append(new String(header.value(), UTF_8)));
            return text.toString();
        }).toList();
    }
}
