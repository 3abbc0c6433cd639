package io.github.wasmton.internal.author;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Output;
import io.github.wasmton.guest.StateStores;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.text.GuestLines;

/**
 * The expected result of a case.
 *
 * @param outcome done, or the kind of failure
 * @param reason  text that the reason of a failure contains; {@code null} for any reason
 * @param outputs all records that the task is to produce, in their order; of each, the fields that are given
 * @param log     texts that lines of the log contain, in their order; there may be other lines
 * @param state   all entries that stores have afterwards, by the store; there may be other stores
 * @param counts  what the task adds to counters, by name; there may be other counters
 */
record Expectation(String outcome, String reason, List<JsonNode> outputs, List<String> log,
        Map<String, List<StateStores.Entry>> state, Map<String, Long> counts) {
    private static final Set<String> FIELDS = Set.of("outcome", "reason", "outputs", "log", "state", "counts");
    private static final Set<String> OUTPUT_FIELDS =
            Set.of("topic", "partition", "timestamp", "key", "value", "headers");

    /** Reads the expectations of a case; without any, the task is to be done and to produce nothing. */
    static Expectation read(JsonNode node) {
        if (node == null) {
            return new Expectation(Attempt.DONE, null, List.of(), List.of(), Map.of(), Map.of());
        }
        RecordJson.checkFields(node, "'expect'", FIELDS);
        String outcome = node.has("outcome") ? RecordJson.text(node, "outcome") : Attempt.DONE;
        Set<String> outcomes = new TreeSet<>(Arrays.stream(Outcome.Kind.values()).map(Attempt::nameOf).toList());
        if (!outcome.equals(Attempt.DONE) && !outcomes.contains(outcome)) {
            throw new IllegalArgumentException("there is no outcome '" + outcome + "'. There are: done, "
                    + String.join(", ", outcomes));
        }
        if (outcome.equals(Attempt.DONE) && node.has("reason")) {
            throw new IllegalArgumentException("a task that is done has no reason. Leave 'reason' out, or expect "
                    + "another 'outcome'");
        }
        List<JsonNode> outputs = new ArrayList<>();
        for (JsonNode output : list(node, "outputs")) {
            RecordJson.checkFields(output, "a record of 'outputs'", OUTPUT_FIELDS);
            RecordJson.text(output, "topic");
            if (output.has("headers")) {
                RecordJson.headers(output.get("headers"));
            }
            outputs.add(output);
        }
        List<String> log = new ArrayList<>();
        for (JsonNode line : list(node, "log")) {
            if (!line.isTextual()) {
                throw new IllegalArgumentException("'log' is a list of strings, not of " + line);
            }
            log.add(line.textValue());
        }
        return new Expectation(outcome, node.has("reason") ? RecordJson.text(node, "reason") : null, outputs, log,
                node.has("state") ? RecordJson.state(node.get("state")) : Map.of(), counts(node.path("counts")));
    }

    private static Map<String, Long> counts(JsonNode node) {
        Map<String, Long> counts = new TreeMap<>();
        node.properties().forEach(entry -> {
            if (!entry.getValue().isIntegralNumber()) {
                throw new IllegalArgumentException("'counts' has whole numbers by the counter, not "
                        + entry.getValue());
            }
            counts.put(entry.getKey(), entry.getValue().longValue());
        });
        return counts;
    }

    private static JsonNode list(JsonNode node, String field) {
        JsonNode list = node.has(field) ? node.get(field) : RecordJson.JSON.createArrayNode();
        if (!(list instanceof ArrayNode)) {
            throw new IllegalArgumentException("'" + field + "' is a list, not " + list);
        }
        return list;
    }

    /** Returns the differences of an attempt, a line or several lines each; none if it is as expected. */
    List<String> differences(Attempt attempt) {
        List<String> differences = new ArrayList<>();
        if (!outcome.equals(attempt.name())) {
            differences.add("outcome: expected " + outcome + ", was " + AttemptText.outcome(attempt));
        } else if (reason != null && !attempt.reason().contains(reason)) {
            differences.add("reason: expected a text with '" + reason + "', was '" + attempt.reason() + '\'');
        }
        List<Output> produced = attempt.outputs();
        for (int i = 0; i < Math.max(outputs.size(), produced.size()); i++) {
            String place = "output " + (i + 1);
            if (i >= produced.size()) {
                differences.add(place + ": missing\n  - " + outputs.get(i));
            } else if (i >= outputs.size()) {
                differences.add(place + ": not expected\n  + " + shown(produced.get(i)));
            } else {
                compare(place, outputs.get(i), produced.get(i), differences);
            }
        }
        counts.forEach((name, wanted) -> {
            long added = attempt.counts().getOrDefault(name, 0L);
            if (added != wanted) {
                differences.add("count " + name + ": expected " + wanted + ", was " + added);
            }
        });
        compareLog(attempt.log(), differences);
        return differences;
    }

    /** Returns the differences of the stores afterwards; {@code null} stands for no stores. */
    List<String> differences(MemoryStores stores) {
        List<String> differences = new ArrayList<>();
        state.forEach((store, expected) -> {
            Map<String, String> wanted = shown(expected);
            Map<String, String> found = stores == null ? Map.of() : shown(stores.entries(store));
            Set<String> keys = new TreeSet<>(wanted.keySet());
            keys.addAll(found.keySet());
            keys.stream().filter(key -> !Objects.equals(wanted.get(key), found.get(key)))
                    .forEach(key -> differences.add("state " + store + ", key " + key + "\n  - "
                            + wanted.getOrDefault(key, "nothing") + "\n  + " + found.getOrDefault(key, "nothing")));
        });
        return differences;
    }

    private static Map<String, String> shown(List<StateStores.Entry> entries) {
        Map<String, String> shown = new HashMap<>();
        entries.forEach(entry -> shown.put(RecordJson.written(entry.key()).toString(),
                RecordJson.written(entry.value()).toString()));
        return shown;
    }

    /** Returns a produced record in the form in which a case expects it: a value that is JSON as JSON. */
    private static JsonNode shown(Output output) {
        ObjectNode node = RecordJson.output(output);
        JsonNode value = output.value() == null ? null : parsed(output.value());
        if (value != null && value.isContainerNode()) {
            node.set("value", value);
        }
        return node;
    }

    private static void compare(String place, JsonNode expected, Output output, List<String> differences) {
        compareText(place + " topic", expected.get("topic").textValue(), output.topic(), differences);
        compareNumber(place, expected, "partition", output.partition(), differences);
        compareNumber(place, expected, "timestamp", output.timestamp(), differences);
        if (expected.has("key")) {
            compareBytes(place + " key", expected.get("key"), output.key(), differences);
        }
        if (expected.has("value")) {
            compareBytes(place + " value", expected.get("value"), output.value(), differences);
        }
        if (expected.has("headers")) {
            String wanted = text(RecordJson.headers(expected.get("headers")));
            compareText(place + " headers", wanted, text(output.headers()), differences);
        }
    }

    private static void compareNumber(String place, JsonNode expected, String field, Number was,
            List<String> differences) {
        if (expected.has(field) && !expected.get(field).asText().equals(String.valueOf(was))) {
            differences.add(place + ' ' + field + ": expected " + expected.get(field) + ", was " + was);
        }
    }

    private static String text(List<Task.Header> headers) {
        return String.join(", ", headers.stream()
                .map(header -> header.name() + '=' + RecordJson.written(header.value())).toList());
    }

    private static void compareText(String place, String expected, String was, List<String> differences) {
        if (!expected.equals(was)) {
            differences.add(place + "\n  - " + expected + "\n  + " + was);
        }
    }

    /** Compares JSON as JSON, and everything else byte by byte. */
    static void compareBytes(String place, JsonNode expected, byte[] was, List<String> differences) {
        if (Arrays.equals(RecordJson.bytes(expected), was)) {
            return;
        }
        boolean json = !expected.isTextual() && !expected.isNull() && !RecordJson.isBase64(expected);
        JsonNode found = json && was != null ? parsed(was) : null;
        if (found == null) {
            differences.add(place + "\n  - " + expected + "\n  + " + RecordJson.written(was));
            return;
        }
        List<String> inside = new ArrayList<>();
        compareJson("", expected, found, inside);
        if (!inside.isEmpty()) {
            differences.add(place + "\n  " + String.join("\n  ", inside));
        }
    }

    private static JsonNode parsed(byte[] bytes) {
        String text = RecordJson.utf8(bytes);
        try {
            return text == null ? null : RecordJson.parse(text);
        } catch (IllegalArgumentException e) {
            return null;  // not JSON: shown as it is
        }
    }

    /** Lists the places in which two JSON values differ, each with its pointer. */
    private static void compareJson(String pointer, JsonNode expected, JsonNode was, List<String> differences) {
        if (expected != null && was != null && expected.isContainerNode()
                && expected.getNodeType() == was.getNodeType()) {
            Set<String> names = new TreeSet<>();
            if (expected.isObject()) {
                expected.fieldNames().forEachRemaining(names::add);
                was.fieldNames().forEachRemaining(names::add);
                names.forEach(name -> compareJson(pointer + '/' + name, expected.get(name), was.get(name),
                        differences));
            } else {
                for (int i = 0; i < Math.max(expected.size(), was.size()); i++) {
                    compareJson(pointer + '/' + i, expected.get(i), was.get(i), differences);
                }
            }
        } else if (!equal(expected, was)) {
            String place = pointer.isEmpty() ? "" : pointer + ": ";
            differences.add("- " + place + (expected == null ? "nothing" : expected));
            differences.add("+ " + place + (was == null ? "nothing" : was));
        }
    }

    private static boolean equal(JsonNode a, JsonNode b) {
        return a != null && b != null && a.isNumber() && b.isNumber()
                ? a.decimalValue().compareTo(b.decimalValue()) == 0 : Objects.equals(a, b);
    }

    private void compareLog(List<GuestLines.Line> lines, List<String> differences) {
        int at = 0;
        for (String wanted : log) {
            int found = at;
            while (found < lines.size() && !lines.get(found).toString().contains(wanted)) {
                found++;
            }
            if (found == lines.size()) {
                differences.add("log: no line contains '" + wanted + '\'' + (at == 0 ? "" : " after the lines before")
                        + (lines.isEmpty() ? "; there is no line" : "; the lines are\n  + "
                                + String.join("\n  + ", lines.stream().map(GuestLines.Line::toString).toList())));
                return;
            }
            at = found + 1;
        }
    }
}
