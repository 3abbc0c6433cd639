package io.github.wasmton.wasmtime.bindgen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Generates sources, and compiles them as users do. */
public final class GeneratedSources {
    private GeneratedSources() {}

    /** Runs the generator into a folder. */
    public static void generate(Path input, Path sources, String... options) {
        List<String> args = new ArrayList<>(List.of(input.toString(), "--output", sources.toString()));
        args.addAll(List.of(options));
        assertEquals(0, Bindgen.run(args.toArray(String[]::new)));
    }

    /** Compiles all sources in a folder, with all warnings as errors, and with the checks of javadoc. */
    public static void compile(Path sources, Path classes) throws IOException {
        List<Path> files = files(sources);
        assertTrue(!files.isEmpty(), "nothing in " + sources);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        List<String> options = List.of("-d", classes.toString(), "-classpath",
                System.getProperty("wasmton.test.classpath"), "--release", "17", "-Xlint:all,-processing,-path",
                "-Xdoclint:all,-missing", "-Werror");
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            boolean ok = compiler.getTask(messages, manager, null, options, null,
                    manager.getJavaFileObjectsFromPaths(files)).call();
            assertTrue(ok, messages.toString());
        }
    }

    /** Returns all sources in a folder by their paths. */
    static Map<String, String> texts(Path sources) throws IOException {
        Map<String, String> texts = new TreeMap<>();
        for (Path file : files(sources)) {
            texts.put(sources.relativize(file).toString(), Files.readString(file));
        }
        return texts;
    }

    private static List<Path> files(Path sources) throws IOException {
        try (Stream<Path> files = Files.walk(sources)) {
            return files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
        }
    }

    /** Calls {@code run(Path)} of a class. */
    static List<?> run(Path classes, String name, Path component) throws Exception {
        URL[] path = {classes.toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(path, GeneratedSources.class.getClassLoader())) {
            return (List<?>) loader.loadClass(name).getMethod("run", Path.class).invoke(null, component);
        }
    }
}
