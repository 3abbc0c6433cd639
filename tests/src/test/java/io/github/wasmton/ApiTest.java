package io.github.wasmton;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.bindgen.Bindgen;

/**
 * The public types and members of the artefacts equal the lists in {@code src/test/resources/api}, so that a change of
 * the API is a line in a diff.
 */
class ApiTest {
    private static final Path LISTS =
            Path.of(System.getProperty("wasmton.project.dir"), "tests/src/test/resources/api");
    private static final List<String> OF_ALL_OBJECTS = List.of("toString", "hashCode", "equals");
    private static final String UPDATE = "./gradlew test --tests '*ApiTest*' -PupdateApi";

    @Test
    void wasmtimeJavaIsAsListed() throws Exception {
        compare("wasmtime-java.txt", Engine.class);
    }

    @Test
    void wasmtimeJavaBindgenIsAsListed() throws Exception {
        compare("wasmtime-java-bindgen.txt", Bindgen.class);
    }

    @Test
    void wasmtonIsAsListed() throws Exception {
        compare("wasmton.txt", Wasmton.class);
    }

    @Test
    void noPublicSignatureMentionsAnInternalType() throws Exception {
        List<String> mentions = new ArrayList<>();
        for (Class<?> of : List.of(Engine.class, Bindgen.class, Wasmton.class)) {
            for (Class<?> type : publicTypes(of)) {
                members(type).filter(member -> types(member).anyMatch(name -> name.contains(".internal.")))
                        .forEach(member -> mentions.add(type.getName() + ": " + member));
            }
        }
        assertEquals(List.of(), mentions);
    }

    private static void compare(String name, Class<?> anyOf) throws Exception {
        String found = publicTypes(anyOf).stream().map(ApiTest::describe).collect(Collectors.joining("\n"));
        Path list = LISTS.resolve(name);
        if (Boolean.getBoolean("wasmton.api.update")) {
            Files.createDirectories(LISTS);
            Files.writeString(list, found);
        }
        List<String> listed = qualified(Files.readString(list));
        List<String> now = qualified(found);
        List<String> changes = new ArrayList<>();
        listed.stream().filter(line -> !now.contains(line)).forEach(line -> changes.add("- " + line));
        now.stream().filter(line -> !listed.contains(line)).forEach(line -> changes.add("+ " + line));
        assertTrue(changes.isEmpty(), () -> "The API is not as " + list + " says:\n" + String.join("\n", changes)
                + "\nIf that is meant, say so in CHANGELOG.md and write the list anew: " + UPDATE);
    }

    /** Prefixes each member with the name of its type. */
    private static List<String> qualified(String list) {
        List<String> lines = new ArrayList<>();
        String type = "";
        for (String line : list.lines().toList()) {
            if (line.startsWith("    ")) {
                lines.add(type + ": " + line.strip());
            } else if (!line.isEmpty()) {
                type = line;
                lines.add(line);
            }
        }
        return lines;
    }

    /** Returns the public types of the artefact that holds that class, without those in internal packages. */
    private static List<Class<?>> publicTypes(Class<?> anyOf) throws Exception {
        URI artefact = anyOf.getProtectionDomain().getCodeSource().getLocation().toURI();
        if (Files.isDirectory(Path.of(artefact))) {
            return publicTypes(Path.of(artefact), anyOf);
        }
        try (FileSystem jar = FileSystems.newFileSystem(Path.of(artefact), (ClassLoader) null)) {
            return publicTypes(jar.getPath("/"), anyOf);
        }
    }

    private static List<Class<?>> publicTypes(Path root, Class<?> anyOf) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.map(file -> root.relativize(file).toString())
                    .filter(name -> name.endsWith(".class") && !name.contains("/internal/") && !name.contains("-info")
                            && !name.contains("META-INF"))
                    .sorted().<Class<?>>map(name -> load(name.replaceAll("\\.class$", "").replace('/', '.'), anyOf))
                    .filter(ApiTest::isPublic).toList();
        }
    }

    private static Class<?> load(String name, Class<?> anyOf) {
        try {
            return Class.forName(name, false, anyOf.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isPublic(Class<?> type) {
        return Modifier.isPublic(type.getModifiers()) && !type.isAnonymousClass() && !type.isLocalClass()
                && (type.getDeclaringClass() == null || isPublic(type.getDeclaringClass()));
    }

    private static String describe(Class<?> type) {
        StringBuilder text = new StringBuilder(kind(type)).append(' ').append(type.getName().replace('$', '.'));
        Type parent = type.getGenericSuperclass();
        if (parent != null && !List.of(Object.class, Record.class).contains(parent) && !type.isEnum()
                && !isInternal(type.getSuperclass())) {
            text.append(" extends ").append(simple(parent.getTypeName()));
        }
        if (type.getGenericInterfaces().length > 0) {
            text.append(Arrays.stream(type.getGenericInterfaces()).map(of -> simple(of.getTypeName()))
                    .collect(Collectors.joining(", ", type.isInterface() ? " extends " : " implements ", "")));
        }
        TreeSet<String> members = members(type).map(ApiTest::signature).collect(Collectors.toCollection(TreeSet::new));
        members.forEach(member -> text.append("\n    ").append(member));
        return text.append('\n').toString();
    }

    private static String kind(Class<?> type) {
        String kind = type.isEnum() ? "enum" : type.isRecord() ? "record" : type.isAnnotation() ? "@interface"
                : type.isInterface() ? "interface" : "class";
        boolean plain = type.isEnum() || type.isRecord() || type.isInterface();
        String modifiers = type.isSealed() && !type.isEnum() ? "sealed "
                : plain ? "" : Modifier.isFinal(type.getModifiers()) ? "final "
                : Modifier.isAbstract(type.getModifiers()) ? "abstract " : "";
        return modifiers + kind;
    }

    private static boolean isInternal(Class<?> type) {
        return type.getName().contains(".internal.");
    }

    /** Lists a type's own members that others can use, and those that come from an internal superclass. */
    private static Stream<Object> members(Class<?> type) {
        List<Object> members = new ArrayList<>();
        Collections.addAll(members, type.getDeclaredFields());
        Collections.addAll(members, type.getDeclaredConstructors());
        Collections.addAll(members, type.getDeclaredMethods());
        for (Class<?> parent = type.getSuperclass(); parent != null && isInternal(parent);
                parent = parent.getSuperclass()) {
            Arrays.stream(parent.getDeclaredMethods()).filter(method -> !Modifier.isStatic(method.getModifiers()))
                    .forEach(members::add);
        }
        return members.stream().filter(member -> isUsable(type, member));
    }

    private static boolean isUsable(Class<?> type, Object member) {
        if (member instanceof Field field) {
            return isOpen(type, field.getModifiers()) && !field.isSynthetic();
        }
        Executable code = (Executable) member;
        if (!isOpen(type, code.getModifiers()) || code.isSynthetic()) {
            return false;
        }
        List<String> ofEnums = type.isEnum() ? List.of("values", "valueOf") : List.of();
        return !(code instanceof Method)
                || !ofEnums.contains(code.getName()) && !OF_ALL_OBJECTS.contains(code.getName());
    }

    private static boolean isOpen(Class<?> type, int modifiers) {
        return Modifier.isPublic(modifiers)
                || Modifier.isProtected(modifiers) && !Modifier.isFinal(type.getModifiers());
    }

    private static String signature(Object member) {
        if (member instanceof Field field) {
            return (field.isEnumConstant() ? "" : prefix(field.getModifiers()) + simple(field.getGenericType()
                    .getTypeName()) + ' ') + field.getName();
        }
        Executable code = (Executable) member;
        String parameters = Arrays.stream(code.getGenericParameterTypes()).map(type -> simple(type.getTypeName()))
                .collect(Collectors.joining(", ", "(", ")"));
        if (code instanceof Constructor<?>) {
            return prefix(code.getModifiers()) + simple(code.getName()) + parameters;
        }
        Method method = (Method) code;
        return prefix(method.getModifiers() & ~Modifier.ABSTRACT) + simple(method.getGenericReturnType().getTypeName())
                + ' ' + method.getName() + parameters;
    }

    private static String prefix(int modifiers) {
        return (Modifier.isProtected(modifiers) ? "protected " : "") + (Modifier.isStatic(modifiers) ? "static " : "");
    }

    /** Returns the names of all types in a member's signature, those it may throw included. */
    private static Stream<String> types(Object member) {
        if (member instanceof Field field) {
            return Stream.of(field.getGenericType().getTypeName());
        }
        Executable code = (Executable) member;
        Stream<Type> types = Stream.of(code.getGenericParameterTypes(), code.getGenericExceptionTypes())
                .flatMap(Arrays::stream);
        Type result = code instanceof Method method ? method.getGenericReturnType() : null;
        return Stream.concat(types, Stream.ofNullable(result)).filter(Objects::nonNull).map(Type::getTypeName);
    }

    private static String simple(String type) {
        return type.replaceAll("([a-z]\\w*\\.)+(?=[A-Z])", "").replace('$', '.');
    }
}
