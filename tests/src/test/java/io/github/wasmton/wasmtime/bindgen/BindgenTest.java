package io.github.wasmton.wasmtime.bindgen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.github.wasmton.testing.Wasm;

/** Sources from WIT compile without a warning, and what uses them runs. */
class BindgenTest {
    private static final Path PROJECT = Path.of(System.getProperty("wasmton.project.dir"));
    private static final Path SHOP = PROJECT.resolve("tests/guests/plugin-component/wit");

    @TempDir
    private Path folder;
    private Path sources;
    private Path classes;

    @BeforeEach
    void makeFolders() throws IOException {
        sources = Files.createDirectory(folder.resolve("sources"));
        classes = Files.createDirectory(folder.resolve("classes"));
    }

    /** Compiles the sources with a host, and runs that. */
    private List<?> run(String host, String guest) throws Exception {
        Files.copy(PROJECT.resolve("tests/src/test/resources/bindgen/" + host + ".java"),
                sources.resolve(host + ".java"));
        GeneratedSources.compile(sources, classes);
        return GeneratedSources.run(classes, host, Wasm.built(guest));
    }

    @Test
    void aPluginWithResourcesInBothDirectionsRuns() throws Exception {
        GeneratedSources.generate(SHOP, sources, "--package", "com.acme");
        assertEquals(List.of("dropped view of ''", "notice: view of 'view of '' and view of 'pen'' ended 7, "
                + "first error -1", "notice: pen of class 1: -15", "notice: pencil of class 255: -9",
                "dropped view of 'view of '' and view of 'pen''", "dropped view of 'pen'", "[pen, pencil]", "items: 3",
                "refused: NotFound[value=Optional[piano]]", "refused: Error_[value=400]", "notice: dropped 0",
                "merged: Tuple2[first=USD, second=5]", "same: true",
                "total: [ok(770), error(NotFound[value=Optional[pencil]])] 270", "notice: dropped 5",
                "too dear: 4000000000"), run("ShopHost", "plugin-component"));
    }

    @Test
    void aHostOfTaskProcessorsRuns() throws Exception {
        GeneratedSources.generate(PROJECT.resolve("wit/processor"), sources, "--world", "stateful-processor");
        assertEquals(List.of("totals: a=1", "totals: a=2", "INFO 22", "INFO a=2 b=22",
                "Skip[value=limit: 5 bytes]", "Skip[value=no-such-store]", "INFO none"),
                run("ProcessorHost", "count-component"));
    }

    @Test
    void typesOfWasiHttpCompile() throws Exception {
        Path wit = wasiHttp();
        GeneratedSources.generate(wit, sources, "--package", "com.acme");
        GeneratedSources.compile(sources, classes);
        String types = Files.readString(sources.resolve("com/acme/wasi/http/Types.java"));
        for (String part : List.of("record InternalError(Optional<String> value) implements ErrorCode {",
                "interface OutgoingRequest extends AutoCloseable {",
                "void setMethod(Method method) throws ComponentException;",
                "Optional<ComponentResult<ComponentResult<Optional<Fields>, ErrorCode>, Void>> get();",
                "Fields fieldsFromList(List<Tuple2<String, byte[]>> entries) throws HeaderErrorException;")) {
            assertTrue(types.contains(part), part + " in:\n" + types);
        }
    }

    /** Returns the WIT that the crate wasmtime-wasi-http brings; cargo has it. */
    private static Path wasiHttp() throws IOException {
        String home = System.getenv("CARGO_HOME");
        Path registry = (home == null ? Path.of(System.getProperty("user.home"), ".cargo") : Path.of(home))
                .resolve("registry/src");
        assumeTrue(Files.isDirectory(registry), "no sources of crates in " + registry);
        String version = Files.readString(PROJECT.resolve("Cargo.lock"))
                .replaceAll("(?s).*name = \"wasmtime-wasi-http\"\nversion = \"([^\"]+)\".*", "$1");
        PathMatcher wanted = FileSystems.getDefault().getPathMatcher("glob:**/wasmtime-wasi-http-" + version + "/wit");
        try (Stream<Path> found = Files.walk(registry, 3)) {
            Optional<Path> wit = found.filter(wanted::matches).findAny();
            assumeTrue(wit.isPresent(), "cargo has no wasmtime-wasi-http " + version);
            return wit.get();
        }
    }

    @Test
    void sourcesFromAComponentAreThoseOfItsWit() throws Exception {
        GeneratedSources.generate(SHOP, sources, "--package", "com.acme");
        Path fromComponent = Files.createDirectory(folder.resolve("from-component"));
        GeneratedSources.generate(Wasm.built("plugin-component"), fromComponent, "--package", "com.acme");
        GeneratedSources.compile(fromComponent, classes);
        for (String file : List.of("Baskets.java", "Discounts.java", "Goods.java")) {
            String path = "com/acme/acme/shop/" + file;
            // A component has no comments.
            assertEquals(withoutComments(sources.resolve(path)), withoutComments(fromComponent.resolve(path)), file);
        }
        assertTrue(withoutComments(fromComponent.resolve("com/acme/root/component/Root.java"))
                .contains("Baskets baskets();"));
    }

    private static String withoutComments(Path file) throws IOException {
        return Files.readString(file).replaceAll("(?s)/\\*\\*.*?\\*/\\s*", "");
    }

    @Test
    void theSameInputGivesTheSameSources() throws Exception {
        GeneratedSources.generate(SHOP, sources);
        Path again = Files.createDirectory(folder.resolve("again"));
        GeneratedSources.generate(SHOP, again);
        assertEquals(GeneratedSources.texts(sources), GeneratedSources.texts(again));
        assertTrue(GeneratedSources.texts(sources).get("acme/shop/Goods.java")
                .contains("The goods that a shop has. A host has them"));
    }

    @Test
    void awkwardNamesCompile() throws Exception {
        Path wit = Files.writeString(folder.resolve("awkward.wit"), """
                package class:int@1.0.0;
                interface %string {
                    /// Ends a comment: */ and an escape: \\u0041 {@link x} <b> & more.
                    ///
                    /// # Heading
                    /// 1. one `a < b` [link](https://example.com/?a&b)
                    ///
                    /// ```java
                    /// @Override List<String> x() {}
                    /// ```
                    record %list { %class: bool, hash-code: u8, %record: list<list<u8>> }
                    record optional { %list: option<%list>, object: option<string> }
                    enum %enum { %enum, a-b }
                    flags %set { a }
                    variant %string { %string, override(%list), void(%string2) }
                    type %string2 = tuple<f32, char>;
                    notify-all: func(%new: u8, b: s8) -> option<option<%set>>;
                    %return: func() -> result<list<optional>, tuple<%enum, f64>>;
                }
                interface same { variant same { same(s32), same-variant } }
                interface %other { use %string.{%string as text}; to: func(text: text) -> result; }
                world %default {
                    import %string;
                    import same;
                    import inline: interface { use %string.{%list}; f: func(l: %list); }
                    export inline-out: interface { resource r { get: func() -> u16; } }
                    export %other;
                    record %own { a: bool }
                    import take: func(own-it: %own) -> result<%own>;
                    export other: func();
                }
                """);
        GeneratedSources.generate(wit, sources, "--package", "a");
        GeneratedSources.compile(sources, classes);
        String world = Files.readString(sources.resolve("a/_class/_int/Default.java"));
        assertTrue(world.contains("void other();") && world.contains("Other classIntOther();"), world);
        assertTrue(Files.readString(sources.resolve("a/_class/_int/Same.java"))
                .contains("record Same_(int value) implements SameVariant {"));
    }

    @Test
    void asyncFunctionsReturnFutures() throws Exception {
        Path wit = Files.writeString(folder.resolve("async.wit"), """
                package a:b;
                interface x {
                    variant problem { no-such }
                    /// Finds.
                    find: async func(name: string) -> result<u32, problem>;
                    clear: async func();
                    pipe: async func(%in: stream<u8>, end: future<u32>) -> stream<u8>;
                    later: func() -> future<result<u32, string>>;
                    resource r {
                        get: async func() -> list<u8>;
                        make: static async func() -> r;
                    }
                }
                world w { import x; export x; }
                """);
        GeneratedSources.generate(wit, sources);
        GeneratedSources.compile(sources, classes);
        String x = Files.readString(sources.resolve("a/b/X.java"));
        for (String part : List.of("CompletableFuture<Long> find(String name) throws ProblemException;",
                "CompletableFuture<Void> clear();", "CompletableFuture<byte[]> get();",
                "CompletableFuture<R> rMake();",
                "CompletableFuture<ComponentStream> pipe(ComponentStream in, CompletableFuture<Long> end);",
                "CompletableFuture<ComponentResult<Long, String>> later();")) {
            assertTrue(x.contains(part), part + " in:\n" + x);
        }
    }

    @Test
    void versionsOfAPackageHaveTheirOwn() throws Exception {
        Path wit = Files.createDirectories(folder.resolve("wit/deps"));
        for (String version : List.of("0.1.0", "0.2.0-rc.1")) {
            Files.writeString(wit.resolve(version + ".wit"), "package a:b@" + version
                    + ";\ninterface x { record r { a: u8 } }\n");
        }
        Files.writeString(wit.resolveSibling("main.wit"), """
                package a:main;
                world w { import a:b/x@0.1.0; import a:b/x@0.2.0-rc.1; }
                """);
        GeneratedSources.generate(wit.getParent(), sources);
        GeneratedSources.compile(sources, classes);
        assertEquals(List.of("a/b/v0_1_0/X.java", "a/b/v0_2_0_rc_1/X.java"),
                List.copyOf(GeneratedSources.texts(sources).keySet()));
    }

    private record Output(int code, String text) {}

    private Output fails(String... args) {
        PrintStream original = System.err;
        ByteArrayOutputStream captured = new ByteArrayOutputStream();
        try (PrintStream out = new PrintStream(captured, true, StandardCharsets.UTF_8)) {
            System.setErr(out);
            return new Output(Bindgen.run(args), captured.toString(StandardCharsets.UTF_8));
        } finally {
            System.setErr(original);
        }
    }

    private void refused(String wit, String message) throws IOException {
        Path file = Files.writeString(folder.resolve("refused.wit"), wit);
        Output output = fails(file.toString(), "--output", sources.toString());
        assertTrue(output.text.contains(message), output.text);
        assertEquals(2, output.code);
        assertEquals(0, GeneratedSources.texts(sources).size());
    }

    @Test
    void witWithAMistakeIsRefusedWithItsPlace() throws Exception {
        refused("package a:b;\ninterface x {\n    f: func(a: no-such);\n}\n", "refused.wit:3:16");
        refused("package a:b;\nworld x {", "refused.wit:2:");
    }

    @Test
    void witWithoutJavaIsRefused() throws Exception {
        refused("package a:b;\ninterface x { record r { a1-2: u8, a-12: u8 } }",
                "a:b/x, type 'r': 'a1-2' and 'a-12' have the same name in Java, a12; rename one of them");
        refused("package a:b;\ninterface x { variant v { a1-2, a-12 } }",
                "a:b/x, type 'v': 'a1-2' and 'a-12' have the same name in Java, A12; rename one of them");
        refused("package a:b;\ninterface x { f: func(a1-2: u8, a-12: u8); }",
                "a:b/x, function 'f': 'a1-2' and 'a-12' have the same name in Java, a12; rename one of them");
        refused("package a:b;\ninterface x { f: func() -> stream<u16>; }",
                "a:b/x, function 'f' has a type with stream of other elements than u8. Java has no values of it");
        refused("package a:b;\ninterface x { f: func() -> future; }",
                "a:b/x, function 'f' has a type with future without a value");
        refused("package a:b;\ninterface x { resource c { constructor(); } new-c: func(); }",
                "a:b/x: '[constructor]c' and 'new-c' have the same name in Java, newC; rename one of them");
        refused("package a:b;\nworld x {}\nworld y {}", "multiple worlds");
    }

    @Test
    void invalidInputHasItsExitCode() throws Exception {
        Output nothing = fails(folder.resolve("nothing").toString(), "--output", sources.toString());
        assertEquals(2, nothing.code);
        assertTrue(nothing.text.contains("No such file"), nothing.text);
        assertEquals(2, fails(SHOP.toString()).code);
        assertEquals(2, fails(SHOP.toString(), "--output", sources.toString(), "--package", "a.int").code);
        assertEquals(2, fails(SHOP.toString(), "--output", sources.toString(), "--world", "shop").code);
        Path module = Files.write(folder.resolve("module.wasm"), new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
        assertTrue(fails(module.toString(), "--output", sources.toString()).text.contains("a core module"));
        Path again = Files.writeString(folder.resolve("again.wat"), """
                (component
                  (import "a:b/x" (instance $x (export "f" (func)) (export "r" (type (sub resource)))))
                  (export "a:b/x" (instance $x)))
                """);
        Output unread = fails(again.toString(), "--output", sources.toString());
        assertEquals(2, unread.code);
        assertTrue(unread.text.contains("Use the WIT that it was made from"), unread.text);
        Path file = Files.createFile(folder.resolve("file"));
        Output unwritable = fails(SHOP.toString(), "--output", file.resolve("x").toString());
        assertEquals(1, unwritable.code);
        assertTrue(unwritable.text.startsWith("Cannot write to "), unwritable.text);
        assertFalse(Files.exists(sources.resolve("acme")));
    }

    @Test
    void helpNamesTheOptions() {
        PrintStream original = System.out;
        ByteArrayOutputStream captured = new ByteArrayOutputStream();
        try (PrintStream out = new PrintStream(captured, true, StandardCharsets.UTF_8)) {
            System.setOut(out);
            assertEquals(0, Bindgen.run("--help"));
        } finally {
            System.setOut(original);
        }
        String help = captured.toString(StandardCharsets.UTF_8);
        for (String part : List.of("--output=DIR", "--package=NAME", "--world=WORLD", "INPUT", "Exit codes:")) {
            assertTrue(help.contains(part), help);
        }
    }
}
