package io.github.wasmton.wasmtime.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.ChildJvm;
import io.github.wasmton.testing.Wasm;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.TrapCode;
import io.github.wasmton.wasmtime.TrapException;
import io.github.wasmton.wasmtime.WasmFunctions;

/** Applications that come and go in one JVM, each with this library in its own class loader. */
class ClassLoaderTest {
    private static final int ROUNDS = 4;

    @TempDir
    private Path directory;

    @Test
    @Tag("own-jvm")
    void classLoadersComeAndGo() {
        ChildJvm.Result result = new ChildJvm("-Xcheck:jni").run(ComeAndGo.class).succeeded();
        assertEquals(ROUNDS + " rounds of two", lastLine(result.out()));
    }

    @Test
    @Tag("own-jvm")
    void classLoadersComeAndGoWithANamedFile() throws Exception {
        Path file = directory.resolve("named");
        BundledLibrary.find(Platform.current()).unpack(file);
        ChildJvm.Result result = new ChildJvm("-D" + NativeLibrary.PATH_PROPERTY + '=' + file).run(ComeAndGo.class)
                .succeeded();
        assertEquals(ROUNDS + " rounds of two", lastLine(result.out()));
        assertEquals(List.of("named"), List.of(directory.toFile().list()));
    }

    /** Gives a loaded file a second name: that evades the record of loaded files, but not the library's own check. */
    @Test
    @Tag("own-jvm")
    void rejectsASecondNameOfALoadedFile() throws Exception {
        Path file = directory.resolve("named");
        BundledLibrary.find(Platform.current()).unpack(file);
        Path link = Files.createLink(directory.resolve("link"), file);
        ChildJvm.Result result = new ChildJvm("-D" + NativeLibrary.PATH_PROPERTY + '=' + file)
                .run(TwoNames.class, link.toString()).succeeded();
        assertEquals("another class loader of this JVM has this file of the native library; give this one a copy",
                lastLine(result.out()));
    }

    /** Acts as a class loader does that is closed while it loads the library. */
    @Test
    @Tag("own-jvm")
    void classLoaderThatLoadsNoMoreClassesIsAnError() {
        ChildJvm.Result result = new ChildJvm().run(Closing.class).succeeded();
        assertTrue(lastLine(result.out()).contains("WasmtimeException"), result.out());
        assertFalse(result.err().contains("panicked"), result.err());
    }

    /** Compiles in class loaders that go, and counts the threads that stay. */
    @Test
    @Tag("own-jvm")
    @EnabledOnOs(OS.LINUX)
    void classLoaderLeavesNoThreadOfTheCompiler() {
        ChildJvm.Result result = new ChildJvm().run(Threads.class).succeeded();
        assertEquals("no thread of the compiler", lastLine(result.out()));
    }

    private static String lastLine(String text) {
        List<String> lines = text.lines().toList();
        return lines.get(lines.size() - 1);
    }

    private static ClassLoader newLoader() throws Exception {
        List<URL> urls = new ArrayList<>();
        for (String element : System.getProperty("java.class.path").split(File.pathSeparator)) {
            urls.add(Path.of(element).toUri().toURL());
        }
        return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    private static Runnable newTraps(ClassLoader loader) throws Exception {
        return (Runnable) loader.loadClass(Traps.class.getName()).getDeclaredConstructor().newInstance();
    }

    static class ComeAndGo {
        public static void main(String[] args) throws Exception {
            for (int round = 0; round < ROUNDS; round++) {
                ClassLoader one = newLoader();
                ClassLoader two = newLoader();
                newTraps(one).run();
                newTraps(two).run();
                newTraps(one).run();
                WeakReference<ClassLoader> first = new WeakReference<>(one);
                one = null;
                awaitEnd(first);
                newTraps(two).run();
                WeakReference<ClassLoader> second = new WeakReference<>(two);
                Reference.reachabilityFence(two);
                two = null;
                awaitEnd(second);
            }
            System.out.println(ROUNDS + " rounds of two");
        }

        private static void awaitEnd(WeakReference<ClassLoader> loader) throws Exception {
            Await.until("a class loader to be collected", () -> {
                System.gc();
                return loader.get() == null;
            });
        }
    }

    /** Prints the error of a class loader that stops loading classes as soon as it has the first. */
    static class Closing extends URLClassLoader {
        private boolean closing;

        Closing(URL[] urls) {
            super(urls, ClassLoader.getPlatformClassLoader());
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            // What the Java side of NativeLibrary itself needs is in its own package.
            if (closing && !name.startsWith(NativeLibrary.class.getPackageName())) {
                throw new ClassNotFoundException(name);
            }
            closing |= name.equals(NativeLibrary.class.getName());
            return super.findClass(name);
        }

        public static void main(String[] args) throws Exception {
            try (URLClassLoader all = (URLClassLoader) newLoader(); Closing loader = new Closing(all.getURLs())) {
                Class.forName(NativeLibrary.class.getName(), true, loader);
                System.out.println("the library was loaded without its classes");
            } catch (ExceptionInInitializerError e) {
                System.out.println(e.getCause());
            }
        }
    }

    static class Threads {
        public static void main(String[] args) throws Exception {
            newTraps(newLoader()).run();
            // The threads end with the work, but not before it.
            Await.until("the threads of the compiler to end", () -> {
                try (Stream<Path> threads = Files.list(Path.of("/proc/self/task"))) {
                    return threads.noneMatch(Threads::isOfTheCompiler);
                }
            });
            System.out.println("no thread of the compiler");
        }

        private static boolean isOfTheCompiler(Path thread) {
            try {
                String name = Files.readString(thread.resolve("comm"));
                return name.startsWith("wasmtime-compil") || name.startsWith("rayon");
            } catch (IOException e) {
                return false;  // it has ended
            }
        }
    }

    static class TwoNames {
        public static void main(String[] args) throws Exception {
            newTraps(newLoader()).run();
            System.setProperty(NativeLibrary.PATH_PROPERTY, args[0]);
            try {
                newTraps(newLoader()).run();
            } catch (ExceptionInInitializerError e) {
                System.out.println(e.getCause().getMessage());
            }
        }
    }

    /** A check that exceptions belong to this class loader's own classes, with a trap. */
    public static class Traps implements Runnable {
        @Override
        public void run() {
            try (Store store = new Store()) {
                var f = WasmFunctions.consumer(Wasm.instantiate(store,
                        "(module (func (export \"f\") unreachable))").getFunc("f"));
                f.accept();
                throw new AssertionError("no trap");
            } catch (TrapException e) {
                if (e.code() != TrapCode.UNREACHABLE_CODE_REACHED) {
                    throw e;
                }
            }
        }
    }
}
