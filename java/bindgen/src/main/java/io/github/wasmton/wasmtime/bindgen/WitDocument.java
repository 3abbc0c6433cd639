package io.github.wasmton.wasmtime.bindgen;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** WIT as wit-parser gives it: packages, interfaces, worlds and types by number. */
final class WitDocument {
    private final JsonNode root;

    WitDocument(String json) {
        try {
            root = new ObjectMapper().readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the native library returned no JSON", e);
        }
    }

    private JsonNode node(String kind, int number) {
        return root.get("resolve").get(kind).get(number);
    }

    /** Returns the number of the package that was read. */
    int mainPackage() {
        return root.get("package").asInt();
    }

    /** Returns the world that was chosen; null for none. */
    JsonNode world() {
        return root.get("world").isNull() ? null : node("worlds", root.get("world").asInt());
    }

    /** Returns the numbers of a package's interfaces. */
    List<Integer> interfacesOf(int packageNumber) {
        List<Integer> numbers = new ArrayList<>();
        node("packages", packageNumber).get("interfaces").forEach(number -> numbers.add(number.asInt()));
        return numbers;
    }

    JsonNode interfaceOf(int number) {
        return node("interfaces", number);
    }

    JsonNode type(int number) {
        return node("types", number);
    }

    /** Returns a package's name, as in {@code acme:shop@1.0.0}. */
    String packageName(int number) {
        return node("packages", number).get("name").asText();
    }

    /** Returns the properties of an object, in their order. */
    static Map<String, JsonNode> properties(JsonNode node) {
        Map<String, JsonNode> properties = new LinkedHashMap<>();
        node.properties().forEach(entry -> properties.put(entry.getKey(), entry.getValue()));
        return properties;
    }

    /** Returns the comment of an item; empty if it has none. */
    static String docs(JsonNode item) {
        return item.path("docs").path("contents").asText("").strip();
    }

    /** Returns the type that an alias stands for; the type itself if it is no alias. */
    JsonNode resolve(JsonNode type) {
        JsonNode resolved = type;
        while (resolved.isInt() && type(resolved.asInt()).get("kind").has("type")) {
            resolved = type(resolved.asInt()).get("kind").get("type");
        }
        return resolved;
    }

    /** Returns the kind of a type's number, as in {@code {"list": "u8"}}. */
    JsonNode kind(JsonNode type) {
        return type(type.asInt()).get("kind");
    }

    /** Returns the content of a type of one kind, such as {@code option}; null if it is of another kind. */
    JsonNode part(JsonNode type, String sort) {
        JsonNode resolved = resolve(type);
        return resolved.isInt() ? kind(resolved).get(sort) : null;
    }
}
