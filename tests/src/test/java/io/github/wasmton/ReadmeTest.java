package io.github.wasmton;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import io.github.wasmton.testing.TestGuests;
import io.github.wasmton.wasmtime.bindgen.GeneratedSources;

/**
 * Runs the examples of the README and of docs/: Java compiles and prints the output shown, with
 * sources generated from WIT where the page has some, the README's Rust equals the
 * template's, and a file of options holds options.
 */
class ReadmeTest {
    private static final Path PROJECT = Path.of(System.getProperty("wasmton.project.dir"));
    private static final Pattern BLOCK = Pattern.compile("^```(\\w+)\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern FILE = Pattern.compile("Path\\.of\\(\"(\\w+_component)\\.wasm\"\\)");
    private static final Pattern CLASS = Pattern.compile("^class (\\w+)", Pattern.MULTILINE);

    /** Number of examples with an output that a page has at least. */
    private static final Map<String, Integer> RUN_AT_LEAST =
            Map.of("README.md", 1, "binding.md", 7, "components.md", 7, "compat.md", 1);

    private record Block(String language, String text) {}

    static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(PROJECT.resolve("README.md")));
        try (DirectoryStream<Path> docs = Files.newDirectoryStream(PROJECT.resolve("docs"), "*.md")) {
            docs.forEach(pages::add);
        }
        return pages;
    }

    @ParameterizedTest
    @MethodSource("pages")
    void javaExamplesPrintTheOutputBelowThem(Path page, @TempDir Path classes) throws Exception {
        List<Block> blocks = blocks(page);
        for (Block block : blocks) {
            if (block.language.equals("wit")) {
                generate(block.text, classes);
            }
        }
        int compiled = 0;
        int run = 0;
        for (int i = 0; i < blocks.size(); i++) {
            if (!blocks.get(i).language.equals("java")) {
                continue;
            }
            // A file of a page is the guest of that name.
            String source = FILE.matcher(blocks.get(i).text).replaceAll(file -> "Path.of(\""
                    + TestGuests.guest(file.group(1).replace('_', '-')) + "\")");
            String name = compile(source, classes);
            compiled++;
            if (i + 1 < blocks.size() && blocks.get(i + 1).language.equals("text")) {
                assertEquals(blocks.get(i + 1).text, output(name, classes), name);
                run++;
            }
        }
        String examples = compiled + " compiled, " + run + " run: it has lost its examples";
        assertTrue(run >= RUN_AT_LEAST.getOrDefault(page.getFileName().toString(), 0), examples);
        if (page.endsWith("README.md")) {
            assertTrue(compiled >= 2, examples);
        }
    }

    @Test
    void exampleOnTheBindingsPackagePageRuns(@TempDir Path classes) throws Exception {
        String page = Files.readString(PROJECT.resolve(
                "java/wasmtime/src/main/java/io/github/wasmton/wasmtime/package-info.java"));
        String example = page.substring(page.indexOf("<pre>{@code\n") + 12, page.indexOf(" * }</pre>"));
        assertEquals("a task\n", output(compile(example.replaceAll("(?m)^ \\* ?", ""), classes), classes));
    }

    @Test
    void rustExampleIsTakenFromTheTemplate() throws IOException {
        Path readme = PROJECT.resolve("README.md");
        String template = Files.readString(
                PROJECT.resolve("java/wasmton/src/main/resources/templates/rust/src/lib.rs"));
        List<Block> rust = blocks(readme).stream().filter(block -> block.language.equals("rust")).toList();
        assertFalse(rust.isEmpty(), "the README has lost its Rust");
        rust.forEach(block -> assertTrue(template.contains(block.text), "not in the template:\n" + block.text));
    }

    @Test
    void rustOfTheResourceIsThatOfItsGuest() throws IOException {
        String source = Files.readString(PROJECT.resolve("tests/guests/basket-component/src/lib.rs"));
        List<Block> rust = blocks(PROJECT.resolve("docs/components.md")).stream()
                .filter(block -> block.language.equals("rust")).toList();
        assertEquals(1, rust.size());
        assertTrue(source.endsWith(rust.get(0).text), "not in the guest:\n" + rust.get(0).text);
    }

    private static List<Block> blocks(Path page) throws IOException {
        List<Block> blocks = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(Files.readString(page));
        while (matcher.find()) {
            blocks.add(new Block(matcher.group(1), matcher.group(2)));
        }
        return blocks;
    }

    /** Generates the sources of WIT as the page says, and compiles them. */
    private static void generate(String wit, Path classes) throws IOException {
        Path folder = Files.createDirectories(classes.resolve("wit"));
        Path file = Files.writeString(folder.resolve("example.wit"), wit);
        GeneratedSources.generate(file, folder.resolve("java"), "--package", "com.acme.wit");
        GeneratedSources.compile(folder.resolve("java"), classes);
    }

    private static String compile(String source, Path classes) {
        Matcher matcher = CLASS.matcher(source);
        assertTrue(matcher.find(), "no class in:\n" + source);
        String name = matcher.group(1);
        JavaFileObject file = new SimpleJavaFileObject(URI.create("string:///" + name + ".java"),
                JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return source;
            }
        };
        StringWriter messages = new StringWriter();
        List<String> options = List.of("-d", classes.toString(), "-classpath",
                classes + File.pathSeparator + System.getProperty("wasmton.test.classpath"),
                "-Xlint:all,-processing", "-Werror");
        boolean ok = ToolProvider.getSystemJavaCompiler()
                .getTask(messages, null, null, options, null, List.of(file)).call();
        assertTrue(ok, name + " does not compile:\n" + messages);
        return name;
    }

    private static String output(String name, Path classes) throws Exception {
        PrintStream original = System.out;
        ByteArrayOutputStream captured = new ByteArrayOutputStream();
        URL[] path = {classes.toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(path, ReadmeTest.class.getClassLoader());
             PrintStream out = new PrintStream(captured, true, StandardCharsets.UTF_8)) {
            Method main = loader.loadClass(name).getDeclaredMethod("main", String[].class);
            main.setAccessible(true);
            System.setOut(out);
            main.invoke(null, (Object) new String[0]);
        } finally {
            System.setOut(original);
        }
        return captured.toString(StandardCharsets.UTF_8);
    }
}
