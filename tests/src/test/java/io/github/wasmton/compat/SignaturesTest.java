package io.github.wasmton.compat;

import static java.util.stream.Collectors.joining;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import io.github.kawamuray.wasmtime.Store;

/**
 * Promise: {@code wasmtime-java-compat} has every public class, constructor, field and method of 0.19.0, with the same
 * erased signature, and no others. There is no exception: a member that cannot work throws.
 */
class SignaturesTest {
    /** Modifiers that callers see. Not NATIVE, SYNCHRONIZED and the FINAL of a method, which only the code knows. */
    private static final int OF_CLASSES = Modifier.STATIC | Modifier.FINAL | Modifier.ABSTRACT | Modifier.INTERFACE;
    private static final int OF_MEMBERS = Modifier.PUBLIC | Modifier.PROTECTED | Modifier.STATIC | Modifier.ABSTRACT;
    private static final List<String> OF_ALL_OBJECTS = List.of("toString", "hashCode", "equals");

    @Test
    void compatHasThePublicClassesAndMembersOf019AndNoOthers() throws Exception {
        List<URL> path = new ArrayList<>();
        for (String file : OldBinding.classPath().split(File.pathSeparator)) {
            path.add(Path.of(file).toUri().toURL());
        }
        try (URLClassLoader loader = new URLClassLoader(path.toArray(URL[]::new),
                ClassLoader.getPlatformClassLoader())) {
            Set<String> old = signatures(loader.loadClass(Store.class.getName()));
            Set<String> ours = signatures(Store.class);
            assertTrue(old.size() > 400, "only " + old.size() + " signatures found");
            assertEquals("", without(old, ours), "missing");
            assertEquals("", without(ours, old), "not in 0.19.0");
        }
    }

    private static String without(Set<String> some, Set<String> others) {
        return some.stream().filter(signature -> !others.contains(signature)).collect(joining("\n"));
    }

    /** Describes the public classes of the artefact that has this class, and their members, one a line. */
    private static Set<String> signatures(Class<?> anyOf) throws Exception {
        Path artefact = Path.of(anyOf.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (Files.isDirectory(artefact)) {
            return signatures(artefact, anyOf.getClassLoader());
        }
        try (FileSystem jar = FileSystems.newFileSystem(artefact, (ClassLoader) null)) {
            return signatures(jar.getPath("/"), anyOf.getClassLoader());
        }
    }

    private static Set<String> signatures(Path root, ClassLoader loader)
            throws IOException, ClassNotFoundException {
        Set<String> signatures = new TreeSet<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (String name : files.map(file -> root.relativize(file).toString())
                    .filter(name -> name.endsWith(".class") && !name.contains("-info") && !name.contains("/internal/"))
                    .map(name -> name.replace('/', '.').replaceAll("\\.class$", "")).toList()) {
                Class<?> type = Class.forName(name, false, loader);
                if (Modifier.isPublic(type.getModifiers())) {
                    signatures.add(describe(type));
                    Stream.of(type.getDeclaredFields(), type.getDeclaredConstructors(), type.getDeclaredMethods())
                            .flatMap(Arrays::stream).filter(SignaturesTest::isUsable).map(SignaturesTest::describe)
                            .forEach(member -> signatures.add(name + ": " + member));
                }
            }
        }
        return signatures;
    }

    private static String describe(Class<?> type) {
        return Modifier.toString(type.getModifiers() & OF_CLASSES) + ' ' + type.getName() + " extends "
                + superclass(type) + " implements " + names(type.getInterfaces());
    }

    /** Returns the superclass. Callers cannot tell Record and a class that is not API from Object. */
    private static String superclass(Class<?> type) {
        Class<?> parent = type.getSuperclass();
        boolean plain = parent == Record.class || parent != null && parent.getName().contains(".internal.");
        return String.valueOf(plain ? Object.class : parent);
    }

    private static boolean isUsable(Member member) {
        return (member.getModifiers() & (Modifier.PUBLIC | Modifier.PROTECTED)) != 0 && !member.isSynthetic()
                && !(member instanceof Method && OF_ALL_OBJECTS.contains(member.getName()));
    }

    private static String describe(Member member) {
        String text = Modifier.toString(member.getModifiers() & OF_MEMBERS) + ' ';
        if (member instanceof Field field) {
            return text + field.getType().getName() + ' ' + field.getName();
        }
        if (member instanceof Method method) {
            text += method.getReturnType().getName() + ' ';
        }
        Executable code = (Executable) member;
        return text + code.getName() + names(code.getParameterTypes()) + names(code.getExceptionTypes());
    }

    private static String names(Class<?>[] types) {
        return Arrays.stream(types).map(Class::getName).collect(joining(", ", "(", ")"));
    }
}
