package io.github.wasmton.internal.author;

import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;

import io.github.wasmton.guest.StateStores;
import io.github.wasmton.guest.Task;

/**
 * A test case of a processor: a record, and what the processor is to do with it.
 *
 * @param before records that the same instance processes first
 * @param world  what surrounds the processor
 */
public record TestCase(Path file, String name, List<Task> before, Task record, Expectation expect, World world) {
    private static final Set<String> FILE_FIELDS = Set.of("cases", "settings", "env", "clock", "seed", "http",
            "network", "state");
    private static final Set<String> FIELDS =
            Set.of("name", "record", "before", "expect", "settings", "env", "clock", "seed", "http", "network",
                    "state");

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
        if (!node.has("record")) {
            throw new IllegalArgumentException("it has no 'record'");
        }
        List<Task> before = new ArrayList<>();
        for (JsonNode record : node.path("before")) {
            before.add(RecordJson.task(record, record(before.size())));
        }
        return new TestCase(file, name, before, RecordJson.task(node.get("record"), record(before.size())),
                Expectation.read(node.get("expect")), world(node, world));
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
