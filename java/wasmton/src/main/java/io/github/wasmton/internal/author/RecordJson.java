package io.github.wasmton.internal.author;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.github.wasmton.guest.Output;
import io.github.wasmton.guest.StateStores;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.text.GuestLines;

/**
 * Records as JSON: {@code {"topic": "orders", "key": "1", "value": {"id": 1}, "headers": {"kind": "new"}}}. Bytes are a
 * string of text, an object {@code {"base64": "..."}}, or any other value for its own JSON text; null means none.
 */
public final class RecordJson {
    static final ObjectMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
            .build();

    private static final String BASE64 = "base64";
    private static final Set<String> TASK_FIELDS =
            Set.of("topic", "partition", "offset", "timestamp", "key", "value", "headers", "attempt");

    private RecordJson() {
    }

    /**
     * Reads a document. Comments are allowed, duplicate fields are not.
     *
     * @throws IllegalArgumentException if it is not JSON; the message says where
     */
    static JsonNode parse(String text) {
        try (JsonParser parser = JSON.createParser(text)) {
            JsonNode node = JSON.readTree(parser);
            if (node == null || node.isMissingNode()) {
                throw new IllegalArgumentException("it is empty");
            }
            return node;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("it is not JSON: " + place(e) + problem(e), e);
        } catch (java.io.IOException e) {
            throw new AssertionError("a text has no input error", e);
        }
    }

    private static String place(JsonProcessingException e) {
        return e.getLocation() == null ? "" : "line " + e.getLocation().getLineNr() + ", column "
                + e.getLocation().getColumnNr() + ": ";
    }

    /** Returns the problem as a plain sentence: the parser's own names sources and tokens of Java. */
    private static String problem(JsonProcessingException e) {
        String message = e.getOriginalMessage();
        if (e instanceof JsonEOFException) {
            return "it ends too early; a bracket or a quote is not closed";
        }
        if (message.startsWith("Duplicate field")) {
            return message.replaceFirst("Duplicate field", "there are two fields");
        }
        if (message.startsWith("Trailing token")) {
            return "there is more behind its end";
        }
        return message.replaceFirst(" \\(code \\d+[^)]*\\)", "")
                .replaceFirst("(?s)\\s*(\\(for |\\(`|\\(start marker|\\(byte\\[]|at \\[Source|\\[Source).*", "");
    }

    /**
     * Reads a record.
     *
     * @param defaults the fields that the record does not give
     * @throws IllegalArgumentException if it is not a record; the message says why
     */
    public static Task task(String json, Task defaults) {
        return task(parse(json), defaults);
    }

    static Task task(JsonNode node, Task defaults) {
        checkFields(node, "a record", TASK_FIELDS);
        return new Task(
                node.has("topic") ? text(node, "topic") : defaults.topic(),
                (int) number(node, "partition", defaults.partition()),
                number(node, "offset", defaults.offset()),
                number(node, "timestamp", defaults.timestamp()),
                node.has("key") ? bytes(node.get("key")) : defaults.key(),
                node.has("value") ? bytes(node.get("value")) : defaults.value(),
                node.has("headers") ? headers(node.get("headers")) : defaults.headers(),
                (int) number(node, "attempt", defaults.attempt()));
    }

    /** Refuses anything but an object with these fields. */
    static void checkFields(JsonNode node, String what, Set<String> known) {
        if (!node.isObject()) {
            throw new IllegalArgumentException(what + " is a JSON object, not " + node);
        }
        for (Iterator<String> names = node.fieldNames(); names.hasNext();) {
            String name = names.next();
            if (!known.contains(name)) {
                throw new IllegalArgumentException(what + " has no field '" + name + "'. There are: "
                        + String.join(", ", new TreeSet<>(known)));
            }
        }
    }

    static String text(JsonNode object, String field) {
        JsonNode value = object.get(field);
        if (value == null || !value.isTextual()) {
            throw new IllegalArgumentException("'" + field + "' must be a string, not " + value);
        }
        return value.textValue();
    }

    private static long number(JsonNode object, String field, long otherwise) {
        JsonNode value = object.get(field);
        if (value == null) {
            return otherwise;
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new IllegalArgumentException("'" + field + "' must be a whole number, not " + value);
        }
        return value.longValue();
    }

    /** Returns the bytes that a value stands for. */
    static byte[] bytes(JsonNode value) {
        if (value.isNull()) {
            return null;
        }
        if (value.isTextual()) {
            return value.textValue().getBytes(UTF_8);
        }
        if (isBase64(value)) {
            try {
                return Base64.getDecoder().decode(value.get(BASE64).textValue());
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("'base64' is not Base64: " + e.getMessage(), e);
            }
        }
        return value.toString().getBytes(UTF_8);
    }

    static boolean isBase64(JsonNode value) {
        return value.isObject() && value.size() == 1 && value.path(BASE64).isTextual();
    }

    /** Reads headers: an object, or a list of objects where a name repeats. */
    static List<Task.Header> headers(JsonNode node) {
        List<Task.Header> headers = new ArrayList<>();
        for (JsonNode part : node.isArray() ? node : List.of(node)) {
            if (!part.isObject()) {
                throw new IllegalArgumentException("'headers' is an object, or a list of objects, not " + part);
            }
            part.properties().forEach(header ->
                    headers.add(new Task.Header(header.getKey(), bytes(header.getValue()))));
        }
        return headers;
    }

    /**
     * Reads the entries of stores: by the name of the store an object of keys and values, or a list of objects with
     * {@code key} and {@code value} if keys are no text.
     */
    public static Map<String, List<StateStores.Entry>> state(String json) {
        return state(parse(json));
    }

    static Map<String, List<StateStores.Entry>> state(JsonNode node) {
        Map<String, List<StateStores.Entry>> state = new LinkedHashMap<>();
        if (!node.isObject()) {
            throw new IllegalArgumentException("'state' is an object with the entries of each store, not " + node);
        }
        node.properties().forEach(store -> state.put(store.getKey(), entries(store.getKey(), store.getValue())));
        return state;
    }

    private static List<StateStores.Entry> entries(String store, JsonNode node) {
        List<StateStores.Entry> entries = new ArrayList<>();
        if (node.isObject()) {
            node.properties().forEach(entry ->
                    entries.add(entry(store, entry.getKey().getBytes(UTF_8), bytes(entry.getValue()))));
        } else if (node.isArray()) {
            for (JsonNode entry : node) {
                checkFields(entry, "an entry of the store '" + store + '\'', Set.of("key", "value"));
                entries.add(entry(store, bytes(entry.path("key")), bytes(entry.path("value"))));
            }
        } else {
            throw new IllegalArgumentException("the store '" + store + "' is an object of keys and values, not "
                    + node);
        }
        return entries;
    }

    private static StateStores.Entry entry(String store, byte[] key, byte[] value) {
        if (key == null || value == null) {
            throw new IllegalArgumentException("an entry of the store '" + store + "' has a key and a value; leave it "
                    + "out if there is none");
        }
        return new StateStores.Entry(key, value);
    }

    /** Writes an attempt as one line of JSON. */
    public static String line(Attempt attempt) {
        return line(attempt, JSON.createObjectNode());
    }

    /** Writes a batch as one line of JSON, with its size; its tasks have lines of their own. */
    public static String line(BatchAttempt batch) {
        return line(batch.whole(), JSON.createObjectNode().put("batch", batch.tasks().size()));
    }

    private static String line(Attempt attempt, ObjectNode line) {
        Task task = attempt.task();
        line.put("topic", task.topic()).put("partition", task.partition()).put("offset", task.offset());
        line.put("outcome", attempt.name());
        if (!attempt.reason().isEmpty()) {
            line.put("reason", attempt.reason());
        }
        ArrayNode outputs = line.putArray("outputs");
        attempt.outputs().forEach(output -> outputs.add(output(output)));
        if (!attempt.changes().isEmpty()) {
            line.set("state", written(attempt));
        }
        ArrayNode log = line.putArray("log");
        for (GuestLines.Line written : attempt.log()) {
            log.addObject().put("level", written.level().name()).put("text", written.text());
        }
        if (!attempt.counts().isEmpty()) {
            ObjectNode counts = line.putObject("counts");
            attempt.counts().forEach(counts::put);
        }
        return line.put("nanoseconds", attempt.time().toNanos()).put("memory", attempt.memory()).toString();
    }

    /** Writes the changes of stores in the form of {@link #state}; null stands for a deleted key. */
    private static ObjectNode written(Attempt attempt) {
        ObjectNode state = JSON.createObjectNode();
        attempt.changes().forEach(change -> {
            ArrayNode entries = state.withArray(change.store());
            entries.addObject().<ObjectNode>set("key", written(change.key())).set("value", written(change.value()));
        });
        return state;
    }

    /** Writes a produced record in the form that {@link #task} reads. */
    static ObjectNode output(Output output) {
        ObjectNode node = JSON.createObjectNode().put("topic", output.topic());
        if (output.partition() != null) {
            node.put("partition", output.partition());
        }
        if (output.timestamp() != null) {
            node.put("timestamp", output.timestamp());
        }
        node.set("key", written(output.key()));
        node.set("value", written(output.value()));
        if (!output.headers().isEmpty()) {
            node.set("headers", written(output.headers()));
        }
        return node;
    }

    private static JsonNode written(List<Task.Header> headers) {
        ArrayNode list = JSON.createArrayNode();
        headers.forEach(header -> list.addObject().set(header.name(), written(header.value())));
        return list;
    }

    /** Writes bytes as text, or as Base64 if they are no text. */
    static JsonNode written(byte[] bytes) {
        if (bytes == null) {
            return JSON.nullNode();
        }
        String text = utf8(bytes);
        return text != null ? JSON.getNodeFactory().textNode(text)
                : JSON.createObjectNode().put(BASE64, Base64.getEncoder().encodeToString(bytes));
    }

    /** Returns the text of bytes in UTF-8; {@code null} if they are none. */
    public static String utf8(byte[] bytes) {
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** Returns the fields of an object of strings, such as settings. */
    static Map<String, String> strings(JsonNode node, String what) {
        Map<String, String> strings = new LinkedHashMap<>();
        if (!node.isObject()) {
            throw new IllegalArgumentException("'" + what + "' is an object of strings, not " + node);
        }
        node.fieldNames().forEachRemaining(name -> strings.put(name, text(node, name)));
        return strings;
    }
}
