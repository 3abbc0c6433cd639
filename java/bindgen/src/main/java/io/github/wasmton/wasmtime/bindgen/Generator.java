package io.github.wasmton.wasmtime.bindgen;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import javax.lang.model.element.Modifier;

import com.fasterxml.jackson.databind.JsonNode;
import com.palantir.javapoet.ClassName;
import com.palantir.javapoet.JavaFile;
import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.TypeSpec;
import com.palantir.javapoet.TypeVariableName;

import io.github.wasmton.wasmtime.bindgen.Homes.Home;
import io.github.wasmton.wasmtime.internal.JavaNames;

/** Makes the Java files of a world, or of all interfaces of a package without one. */
final class Generator {
    private static final String[] ORDINALS = {"first", "second", "third", "fourth", "fifth", "sixth", "seventh",
            "eighth", "ninth", "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth"};

    private final WitDocument document;
    private final Homes homes;
    private final TypeNames types;
    private final Errors errors;

    Generator(WitDocument document, String basePackage) {
        this.document = document;
        homes = new Homes(document, basePackage);
        types = new TypeNames(document, homes);
        errors = new Errors(homes, types);
    }

    /**
     * Returns the files, in a fixed order.
     *
     * @throws UnsupportedWitException if WIT has something that Java cannot express
     */
    List<JavaFile> files() {
        for (Home home : homes.interfaces()) {
            document.interfaceOf(home.number()).get("functions").forEach(errors::note);
        }
        JsonNode world = document.world();
        if (world != null) {
            for (JsonNode items : List.of(world.get("imports"), world.get("exports"))) {
                items.forEach(item -> {
                    if (item.has("function")) {
                        errors.note(item.get("function"));
                    }
                });
            }
        }
        Map<ClassName, TypeSpec> specs = new LinkedHashMap<>();
        for (Home home : homes.interfaces()) {
            JsonNode node = document.interfaceOf(home.number());
            InterfaceWriter writer = writer(home.className(), home.witName()).docs(WitDocument.docs(node))
                    .name(home.witName());
            node.get("types").forEach(type -> writer.type(type.asInt()));
            node.get("functions").forEach(writer::function);
            add(specs, home.className(), writer.build(), home.witName());
        }
        if (world != null) {
            addWorld(specs, world);
        }
        for (int parts : List.copyOf(types.tuples)) {
            add(specs, types.tuple(parts), tuple(parts), "tuples");
        }
        List<JavaFile> files = new ArrayList<>();
        specs.forEach((name, spec) -> files.add(JavaFile.builder(name.packageName(), spec)
                .addFileComment("Generated from WIT by wasmtime-java-bindgen. Do not edit.").indent("    ")
                .skipJavaLangImports(true).build()));
        return files;
    }

    private InterfaceWriter writer(ClassName className, String where) {
        return new InterfaceWriter(document, homes, types, errors, className, where);
    }

    private static void add(Map<ClassName, TypeSpec> specs, ClassName name, TypeSpec spec, String wit) {
        if (specs.putIfAbsent(name, spec) != null) {
            throw new UnsupportedWitException(wit + " has the same name in Java as something else, " + name
                    + "; rename one of them");
        }
    }

    private void addWorld(Map<ClassName, TypeSpec> specs, JsonNode world) {
        String where = "world " + world.get("name").asText();
        InterfaceWriter imports = writer(homes.worldImports(), where)
                .docs("The functions and types that the world `" + world.get("name").asText()
                        + "` imports outside of an interface.");
        if (addOwn(imports, world.get("imports"))) {
            add(specs, homes.worldImports(), imports.build(), where);
        }
        InterfaceWriter exports = writer(homes.world(), where).docs(WitDocument.docs(world));
        boolean any = addOwn(exports, world.get("exports"));
        Map<String, Home> parts = new LinkedHashMap<>();
        WitDocument.properties(world.get("exports")).forEach((key, item) -> {
            if (item.has("interface")) {
                Home home = homes.of(item.get("interface").get("id").asInt());
                parts.put(home.witName(), home);
            }
        });
        Map<String, Integer> counts = new HashMap<>();
        parts.keySet().forEach(name -> counts.merge(JavaNames.exportedInterface(name).get(0), 1, Integer::sum));
        parts.forEach((name, home) -> {
            List<String> forms = JavaNames.exportedInterface(name);
            boolean isShort = counts.get(forms.get(0)) == 1 && !exports.hasMethod(JavaWords.member(forms.get(0)));
            exports.part(JavaWords.member(forms.get(isShort ? 0 : 1)), home.className());
        });
        if (any || !parts.isEmpty()) {
            add(specs, homes.world(), exports.build(), where);
        }
    }

    /** Adds a world's types and functions outside of interfaces. Returns whether there are any. */
    private boolean addOwn(InterfaceWriter writer, JsonNode items) {
        boolean any = false;
        for (JsonNode item : items) {
            if (item.has("type")) {
                int type = item.get("type").asInt();
                // Else it is an alias of a type that another interface declares.
                boolean isDeclared = !document.type(type).get("kind").has("type");
                if (isDeclared) {
                    writer.type(type);
                    any = true;
                }
            }
        }
        for (JsonNode item : items) {
            if (item.has("function")) {
                writer.function(item.get("function"));
                any = true;
            }
        }
        return any;
    }

    private TypeSpec tuple(int parts) {
        if (parts > ORDINALS.length) {
            throw new UnsupportedWitException("a tuple with " + parts + " parts; Java has those with up to "
                    + ORDINALS.length + ". Make a record of it");
        }
        TypeSpec.Builder tuple = TypeSpec.recordBuilder(types.tuple(parts)).addModifiers(Modifier.PUBLIC)
                .addJavadoc("A tuple with $L.", parts == 1 ? "one part" : parts + " parts");
        MethodSpec.Builder components = MethodSpec.constructorBuilder();
        for (int i = 0; i < parts; i++) {
            TypeVariableName variable = TypeVariableName.get(String.valueOf((char) ('A' + i)));
            tuple.addTypeVariable(variable);
            components.addParameter(variable, ORDINALS[i]);
        }
        return tuple.recordConstructor(components.build()).build();
    }
}
