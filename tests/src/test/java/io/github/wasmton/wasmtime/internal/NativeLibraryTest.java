package io.github.wasmton.wasmtime.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.github.wasmton.testing.ChildJvm;
import io.github.wasmton.testing.Wasm;
import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.TrapCode;
import io.github.wasmton.wasmtime.TrapException;
import io.github.wasmton.wasmtime.WasmFunctions;

class NativeLibraryTest {
    @TempDir
    private Path directory;
    private Path cache;
    private Path temporary;

    @BeforeEach
    void makeDirectories() throws Exception {
        cache = directory.resolve("cache");
        temporary = Files.createDirectory(directory.resolve("tmp"));
    }

    @Test
    void aClassThatTheLibraryDoesNotKnowIsNamed() {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
                () -> NativeLibrary.register(NativeLibraryTest.class));
        assertEquals("the native library knows no class " + NativeLibraryTest.class.getName(), e.getMessage());
    }

    @Test
    void aClassMayBeRegisteredAgain() {
        NativeLibrary.register(Engine.class);
        NativeLibrary.register(Engine.class);
        new Engine().close();
    }

    private ChildJvm child(String... more) {
        assumeTrue(System.getProperty(NativeLibrary.PATH_PROPERTY) == null, "these tests are about the library in the jar");
        List<String> options = new ArrayList<>(List.of("-Djava.io.tmpdir=" + temporary,
                "-D" + NativeLibrary.CACHE_PROPERTY + '=' + cache));
        options.addAll(List.of(more));
        return new ChildJvm(options.toArray(String[]::new));
    }

    static class LoadsTheLibrary {
        public static void main(String[] args) {
            new Engine().close();
            System.out.println("loaded");
        }
    }

    private void assertLoads() {
        assertEquals("loaded\n", child().run(LoadsTheLibrary.class).succeeded().out());
    }

    /** All files in the cache, which should be the one. */
    private Path unpacked() throws Exception {
        try (Stream<Path> files = Files.walk(cache)) {
            List<Path> all = files.filter(Files::isRegularFile).toList();
            assertEquals(1, all.size(), all.toString());
            return all.get(0);
        }
    }

    /** The known fault of older bindings: they left 18 MB in the temporary directory at each start. */
    @Test
    @Tag("own-jvm")
    void isUnpackedOnceAndLeavesNothingInTheTemporaryDirectory() throws Exception {
        assertLoads();
        Path file = unpacked();
        FileTime unpacked = Files.getLastModifiedTime(file);
        assertLoads();
        assertEquals(file, unpacked());
        assertEquals(unpacked, Files.getLastModifiedTime(file));
        assertArrayEquals(new String[0], temporary.toFile().list((d, name) -> !name.startsWith("hsperf")));
    }

    @Test
    @Tag("own-jvm")
    void aDamagedFileInTheCacheIsReplaced() throws Exception {
        assertLoads();
        Path file = unpacked();
        byte[] whole = Files.readAllBytes(file);
        byte[] damaged = whole.clone();
        damaged[damaged.length / 2] ^= 1;
        Files.write(file, damaged);
        assertLoads();
        assertArrayEquals(whole, Files.readAllBytes(file));
        Files.write(file, new byte[100]);
        assertLoads();
        assertArrayEquals(whole, Files.readAllBytes(unpacked()));
    }

    @Test
    @Tag("own-jvm")
    void aCacheThatCannotBeUsedIsNamedWithTheWayOut() throws Exception {
        Files.createFile(cache);
        assertRefused(cache.toString());
        Files.delete(cache);
        Files.createDirectories(cache.resolve("wasmton"));
        Files.setPosixFilePermissions(cache.resolve("wasmton"), PosixFilePermissions.fromString("rwxrwxrwx"));
        assertRefused("other users may write to it");
    }

    private void assertRefused(String reason) {
        ChildJvm.Result result = child().run(LoadsTheLibrary.class);
        assertEquals(1, result.exit());
        assertTrue(result.err().contains("cannot unpack and load the native library"), result.err());
        assertTrue(result.err().contains(reason), result.err());
        assertTrue(result.err().contains("-D" + NativeLibrary.CACHE_PROPERTY + "=DIRECTORY"), result.err());
    }

    @Test
    @Tag("own-jvm")
    void aNamedFileThatIsNoLibraryIsRefused() throws Exception {
        Path file = Files.writeString(directory.resolve("library"), "not one");
        ChildJvm.Result result = child("-D" + NativeLibrary.PATH_PROPERTY + '=' + file).run(LoadsTheLibrary.class);
        assertEquals(1, result.exit());
        assertTrue(result.err().contains("cannot load the native library that -D" + NativeLibrary.PATH_PROPERTY
                + " names: " + file), result.err());
    }

    /**
     * As in an application server: each application has a library of its own, and when it goes, its class loader goes
     * too, and takes nothing along that a signal handler or a thread still needs.
     */
    @Test
    @Tag("own-jvm")
    void classLoadersComeAndGo() {
        ChildJvm.Result result = child("-Xmx64m").run(ClassLoaders.class).succeeded();
        assertEquals("3 class loaders are gone\n", result.out());
    }

    static class ClassLoaders {
        public static void main(String[] args) throws Exception {
            List<URL> urls = new ArrayList<>();
            for (String element : System.getProperty("java.class.path").split(File.pathSeparator)) {
                urls.add(Path.of(element).toUri().toURL());
            }
            List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                loaders.add(new WeakReference<>(useOneMore(urls.toArray(URL[]::new))));
            }
            new Traps().run();
            int collections = 0;
            for (WeakReference<ClassLoader> loader : loaders) {
                for (; loader.get() != null; collections++) {
                    if (collections == 200) {
                        throw new AssertionError("a class loader is still reachable after 200 collections");
                    }
                    System.gc();
                    Thread.sleep(10);
                }
            }
            // Their handlers are in the chain of this one's.
            new Traps().run();
            System.out.println(loaders.size() + " class loaders are gone");
        }

        private static ClassLoader useOneMore(URL[] urls) throws Exception {
            try (URLClassLoader loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader())) {
                Object traps = loader.loadClass(Traps.class.getName()).getDeclaredConstructor().newInstance();
                if (traps instanceof Traps) {
                    throw new AssertionError("the class came from the JVM's own loader");
                }
                ((Runnable) traps).run();
                return loader;
            }
        }
    }

    /** Traps, and the JVM's own use of the same signals. */
    public static class Traps implements Runnable {
        private Object nothing;

        @Override
        public void run() {
            try (Store store = new Store()) {
                var f = WasmFunctions.consumer(Wasm.instantiate(store, """
                        (module (memory 1) (func (export "f") (drop (i32.load (i32.const 65536)))))""").getFunc("f"));
                for (int i = 0; i < 20_000; i++) {
                    try {
                        nothing.hashCode();
                        throw new AssertionError("no NullPointerException");
                    } catch (NullPointerException expected) {
                        // By a signal, once compiled.
                    }
                    if (i % 100 == 0) {
                        try {
                            f.accept();
                            throw new AssertionError("no trap");
                        } catch (TrapException e) {
                            if (e.code() != TrapCode.MEMORY_OUT_OF_BOUNDS) {
                                throw e;
                            }
                        }
                    }
                }
            }
        }
    }
}
