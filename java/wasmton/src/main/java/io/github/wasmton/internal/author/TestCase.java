package io.github.wasmton.internal.author;

import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;

import io.github.wasmton.guest.StateStores;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.TaskKey;

/**
 * A test case of a processor: a record, and what the processor is to do with it.
 *
 * @param before records that the same instance processes first
 * @param record the record; {@code null} if the case has a batch
 * @param batch  the records of a batch; empty if the case has one record
 * @param expect the expected result of the record, or of the batch as a whole
 * @param world  what surrounds the processor
 */
public record TestCase(Path file, String name, List<Task> before, Task record, List<Item> batch, Expectation expect,
        World world) {
    private static final Set<String> FILE_FIELDS = Set.of("cases", "settings", "env", "clock", "seed", "http",
            "network", "state");
    private static final Set<String> FIELDS =
            Set.of("name", "record", "batch", "before", "expect", "settings", "env", "clock", "seed", "http", "network",
                    "state");

    private static final Set<String> ITEM_FIELDS = Set.of("record", "expect");

    /** A record of a batch, with its expected result. */
    public record Item(Task record, Expectation expect) {}

    /**
     * The surroundings of the processor during a case, on top of the options of the command.
     *
     * @param clock time at which the guest's clock starts; {@code null} for the real clock
     * @param seed  seed of the guest's random numbers; {@code null} for real ones
     * @param http  answers of the HTTP server of the case; empty for no server
     * @param network whether the case reaches the servers that the options of the command grant
     * @param state entries of stores before the first record, by the store
     */
    public record World(Map<String, String> settings, Map<String, String> env, Instant clock, Long seed,
            Map<String, HttpMock.Answer> http, boolean network, Map<String, List<StateStores.Entry>> state) {
        static final World NONE = new World(Map.of(), Map.of(), null, null, Map.of(), false, Map.of());

        /** Returns whether the options of the command alone make it up. */
        public boolean plain() {
            return equals(NONE);
        }
    }

    /**
     * Reads a file of cases.
     *
     * @throws IllegalArgumentException if it is none; the message says where and why
     */
    public static List<TestCase> read(Path file, String json) {
        JsonNode whole = RecordJson.parse(json);
        RecordJson.checkFields(whole, "a file of cases", FILE_FIELDS);
        if (!whole.path("cases").isArray() || whole.get("cases").isEmpty()) {
            throw new IllegalArgumentException("a file of cases has a list 'cases' with at least one case");
        }
        World world = world(whole, World.NONE);
        List<TestCase> cases = new ArrayList<>();
        for (JsonNode part : whole.get("cases")) {
            String place = "case " + (cases.size() + 1);
            try {
                RecordJson.checkFields(part, "a case", FIELDS);
                String name = RecordJson.text(part, "name");
                place = "case '" + name + '\'';
                if (cases.stream().anyMatch(test -> test.name().equals(name))) {
                    throw new IllegalArgumentException("another case of the file has the same name");
                }
                cases.add(read(file, name, part, world));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(place + ": " + e.getMessage(), e);
            }
        }
        return cases;
    }

    private static TestCase read(Path file, String name, JsonNode node, World world) {
        if (node.has("record") == node.has("batch")) {
            throw new IllegalArgumentException(node.has("record") ? "it has a 'record' and a 'batch'. Leave one out"
                    : "it has no 'record'");
        }
        List<Task> before = new ArrayList<>();
        for (JsonNode record : node.path("before")) {
            before.add(RecordJson.task(record, record(before.size())));
        }
        Expectation expect = Expectation.read(node.get("expect"));
        if (node.has("record")) {
            return new TestCase(file, name, before, RecordJson.task(node.get("record"), record(before.size())),
                    List.of(), expect, world(node, world));
        }
        if (!expect.outputs().isEmpty()) {
            throw new IllegalArgumentException("each record of a batch has its own 'outputs', not the batch. Give them "
                    + "in the 'expect' beside the 'record'");
        }
        return new TestCase(file, name, before, null, batch(node.get("batch"), before.size()), expect,
                world(node, world));
    }

    private static List<Item> batch(JsonNode node, int first) {
        if (!node.isArray() || node.isEmpty()) {
            throw new IllegalArgumentException("'batch' is a list of {\"record\": ..., \"expect\": ...}, one at least");
        }
        List<Item> items = new ArrayList<>();
        Set<TaskKey> keys = new HashSet<>();
        for (JsonNode part : node) {
            RecordJson.checkFields(part, "a record of a batch", ITEM_FIELDS);
            if (!part.has("record")) {
                throw new IllegalArgumentException("'batch' has a part without 'record'");
            }
            Task task = RecordJson.task(part.get("record"), record(first + items.size()));
            if (task.key() != null && !keys.add(TaskKey.of(task))) {
                throw new IllegalArgumentException("two records of its batch have the same key, and no batch has that");
            }
            Expectation expect = Expectation.read(part.get("expect"));
            if (!expect.log().isEmpty() || !expect.counts().isEmpty() || !expect.state().isEmpty()) {
                throw new IllegalArgumentException("'log' and 'counts' are of the whole batch. Give them in the "
                        + "'expect' of the case");
            }
            items.add(new Item(task, expect));
        }
        return items;
    }

    /** Returns the fields that a record of a case does not have to give. */
    private static Task record(long offset) {
        return new Task("tasks", 0, offset, 0, null, null, List.of(), 1);
    }

    private static World world(JsonNode node, World outer) {
        return new World(with(outer.settings, node, "settings"), with(outer.env, node, "env"),
                node.has("clock") ? instant(RecordJson.text(node, "clock")) : outer.clock,
                node.has("seed") ? (Long) seed(node.get("seed")) : outer.seed,
                node.has("http") ? HttpMock.answers(node.get("http")) : outer.http,
                node.has("network") ? network(node.get("network")) : outer.network, withState(outer.state, node));
    }

    private static boolean network(JsonNode node) {
        if (!node.isBoolean()) {
            throw new IllegalArgumentException("'network' is true or false, not " + node);
        }
        return node.booleanValue();
    }

    private static Map<String, List<StateStores.Entry>> withState(Map<String, List<StateStores.Entry>> outer,
            JsonNode node) {
        if (!node.has("state")) {
            return outer;
        }
        Map<String, List<StateStores.Entry>> all = new LinkedHashMap<>(outer);
        all.putAll(RecordJson.state(node.get("state")));
        return all;
    }

    private static Map<String, String> with(Map<String, String> outer, JsonNode node, String field) {
        Map<String, String> all = new LinkedHashMap<>(outer);
        if (node.has(field)) {
            all.putAll(RecordJson.strings(node.get(field), field));
        }
        return all;
    }

    private static Instant instant(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("'clock' is a time such as 2026-01-31T12:00:00Z, not '" + text + '\'',
                    e);
        }
    }

    private static long seed(JsonNode node) {
        if (!node.isIntegralNumber() || !node.canConvertToLong()) {
            throw new IllegalArgumentException("'seed' is a whole number, not " + node);
        }
        return node.longValue();
    }
}
