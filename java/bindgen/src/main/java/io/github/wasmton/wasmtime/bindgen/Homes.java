package io.github.wasmton.wasmtime.bindgen;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

import com.fasterxml.jackson.databind.JsonNode;
import com.palantir.javapoet.ClassName;

import io.github.wasmton.wasmtime.internal.JavaNames;

/** The Java interfaces for WIT's interfaces and world, and the classes of their types. */
final class Homes {
    private final WitDocument document;
    private final String basePackage;
    private final Map<Integer, Home> interfaces = new LinkedHashMap<>();
    /** Versions of each package, by its name without the version. */
    private final Map<String, TreeSet<String>> versions = new TreeMap<>();
    /** Types that the world itself imports or exports, with the class in which they are nested. */
    private final Map<Integer, ClassName> ofWorld = new HashMap<>();

    /**
     * An interface of WIT.
     *
     * @param number    its number
     * @param witName   its name in components, as in {@code acme:shop/prices@1.0.0}
     * @param className its interface in Java
     */
    record Home(int number, String witName, ClassName className) {}

    Homes(WitDocument document, String basePackage) {
        this.document = document;
        this.basePackage = basePackage;
        Map<Integer, String> named = named();
        named.keySet().forEach(number -> countVersion(packageOf(number)));
        countVersion(document.packageName(document.mainPackage()));
        named.forEach((number, key) -> interfaces.put(number, home(number, key)));
        JsonNode world = document.world();
        if (world != null) {
            world.get("imports").forEach(item -> ownType(item, worldImports()));
            world.get("exports").forEach(item -> ownType(item, world()));
        }
    }

    /** Returns the interfaces to generate by number, with their names in the world. */
    private Map<Integer, String> named() {
        Map<Integer, String> named = new TreeMap<>();
        JsonNode world = document.world();
        if (world == null) {
            document.interfacesOf(document.mainPackage()).forEach(number -> named.put(number, ""));
        } else {
            for (String direction : List.of("imports", "exports")) {
                WitDocument.properties(world.get(direction)).forEach((key, item) -> {
                    if (item.has("interface")) {
                        named.put(item.get("interface").get("id").asInt(), key);
                    }
                });
            }
        }
        // Interfaces whose types these interfaces use.
        Collection<Integer> added = List.copyOf(named.keySet());
        while (!added.isEmpty()) {
            TreeSet<Integer> used = new TreeSet<>();
            for (int number : added) {
                for (JsonNode type : document.interfaceOf(number).get("types")) {
                    JsonNode owner = document.type(document.resolve(type).asInt()).get("owner");
                    if (document.resolve(type).isInt() && owner.has("interface")) {
                        used.add(owner.get("interface").asInt());
                    }
                }
            }
            used.removeAll(named.keySet());
            used.forEach(number -> named.put(number, ""));
            added = used;
        }
        return named;
    }

    private void ownType(JsonNode item, ClassName className) {
        if (item.has("type")) {
            ofWorld.put(item.get("type").asInt(), className);
        }
    }

    private String packageOf(int interfaceNumber) {
        return document.packageName(document.interfaceOf(interfaceNumber).get("package").asInt());
    }

    private void countVersion(String packageName) {
        int at = packageName.indexOf('@');
        versions.computeIfAbsent(at < 0 ? packageName : packageName.substring(0, at), any -> new TreeSet<>())
                .add(packageName.substring(at < 0 ? packageName.length() : at + 1));
    }

    private Home home(int number, String key) {
        JsonNode node = document.interfaceOf(number);
        String packageName = packageOf(number);
        if (node.get("name").isNull()) {
            // The world declares it inline, so an interface of the package may have the same name.
            String javaPackage = javaPackage(packageName) + '.' + JavaWords.packagePart(worldName());
            return new Home(number, key, ClassName.get(javaPackage, JavaWords.topLevel(JavaNames.pascal(key))));
        }
        String name = node.get("name").asText();
        int at = packageName.indexOf('@');
        String witName = at < 0 ? packageName + '/' + name
                : packageName.substring(0, at) + '/' + name + packageName.substring(at);
        return new Home(number, witName,
                ClassName.get(javaPackage(packageName), JavaWords.topLevel(JavaNames.pascal(name))));
    }

    /** Returns the Java package for a WIT package. Its name has the version if another version occurs, too. */
    private String javaPackage(String packageName) {
        int at = packageName.indexOf('@');
        String plain = at < 0 ? packageName : packageName.substring(0, at);
        String[] parts = plain.split(":");
        String java = JavaWords.packagePart(parts[0]) + '.' + JavaWords.packagePart(parts[1]);
        if (versions.get(plain).size() > 1 && at >= 0) {
            java += '.' + JavaWords.packagePart('v' + packageName.substring(at + 1));
        }
        return basePackage.isEmpty() ? java : basePackage + '.' + java;
    }

    /** Returns the Java package for what belongs to no interface. */
    String commonPackage() {
        return basePackage.isEmpty() ? javaPackage(document.packageName(document.mainPackage())) : basePackage;
    }

    private String worldName() {
        return document.world().get("name").asText();
    }

    private ClassName worldClass(String end) {
        return ClassName.get(javaPackage(document.packageName(document.world().get("package").asInt())),
                JavaWords.topLevel(JavaNames.pascal(worldName()) + end));
    }

    /** Returns the interface of what the world exports. */
    ClassName world() {
        return worldClass("");
    }

    /** Returns the interface of what the world imports outside of an interface. */
    ClassName worldImports() {
        return worldClass("Imports");
    }

    /** Returns all interfaces, in the order of their numbers. */
    Collection<Home> interfaces() {
        return interfaces.values();
    }

    Home of(int interfaceNumber) {
        return interfaces.get(interfaceNumber);
    }

    /** Returns the class of a record, variant, enum, flags or resource. */
    ClassName classOf(int type) {
        JsonNode node = document.type(type);
        JsonNode owner = node.get("owner");
        ClassName around = owner.has("interface") ? of(owner.get("interface").asInt()).className()
                : ofWorld.get(type);
        if (around == null) {
            throw new UnsupportedWitException("the type '" + node.get("name").asText()
                    + "' belongs to another world, for which nothing is generated");
        }
        String name = JavaNames.pascal(node.get("name").asText());
        // A variant gets no underscore: one of its cases may need it.
        return around.nestedClass(node.get("kind").has("variant") && around.simpleNames().contains(name)
                ? name + "Variant" : JavaWords.nested(name, around.simpleNames()));
    }
}
