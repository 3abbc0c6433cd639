package io.github.wasmton.wasmtime.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import io.github.wasmton.testing.ChildJvm;
import io.github.wasmton.testing.OnThread;
import io.github.wasmton.wasmtime.Engine;

class UnpackedLibraryTest {
    @TempDir
    private Path cache;

    private final BundledLibrary library = BundledLibrary.find(Platform.current());

    private Path unpack() throws IOException {
        Path file = UnpackedLibrary.in(PrivateDirectory.at(cache.resolve("wasmton")), library).file();
        assertEquals(cache.toRealPath().resolve("wasmton").resolve(library.sha256()).resolve(library.name()), file);
        assertEquals(library.size(), Files.size(file));
        return file;
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.walk(cache)) {
            return files.filter(Files::isRegularFile).map(file -> file.getFileName().toString()).toList();
        }
    }

    @Test
    void unpacksOnceAndReuses() throws Exception {
        Path file = unpack();
        // A second name of the same file: a file that is written anew gets only one.
        Path link = Files.createLink(cache.resolve("link"), file);
        assertTrue(Files.isSameFile(link, unpack()));
    }

    @Test
    void replacesADamagedFile() throws Exception {
        Path file = unpack();
        byte[] whole = Files.readAllBytes(file);
        try (RandomAccessFile damage = new RandomAccessFile(file.toFile(), "rw")) {
            damage.seek(library.size() / 2);
            damage.write(whole[(int) (library.size() / 2)] ^ 1);
        }
        assertArrayEquals(whole, Files.readAllBytes(unpack()));
        Files.write(file, new byte[(int) library.size()]);
        assertArrayEquals(whole, Files.readAllBytes(unpack()));
        Files.writeString(file, "cut short");
        assertArrayEquals(whole, Files.readAllBytes(unpack()));
        assertEquals(List.of(library.name()), files());
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void replacesALinkWithoutFollowingIt() throws Exception {
        Path file = unpack();
        Path elsewhere = Files.move(file, cache.resolve("elsewhere"));
        Files.createSymbolicLink(file, elsewhere);
        assertTrue(Files.isRegularFile(unpack(), java.nio.file.LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void onlyThisUserMayReadOrWriteIt() throws Exception {
        unpack();
        assertEquals(PosixFilePermissions.fromString("rwx------"),
                Files.getPosixFilePermissions(cache.resolve("wasmton")));
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void rejectsADirectoryThatOthersMayWriteTo() throws Exception {
        unpack();
        Path own = cache.resolve("wasmton");
        for (String permissions : List.of("rwxrwx---", "rwx----w-")) {
            Files.setPosixFilePermissions(own, PosixFilePermissions.fromString(permissions));
            AccessDeniedException e = assertThrows(AccessDeniedException.class, this::unpack);
            assertEquals(own.toRealPath() + ": other users may write to it", e.getMessage());
        }
    }

    @Test
    void rejectsACacheThatIsNoDirectory() throws Exception {
        Files.writeString(cache.resolve("wasmton"), "");
        assertThrows(IOException.class, this::unpack);
    }

    @Test
    void concurrentThreadsAllFindItIntact() throws Exception {
        List<OnThread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            threads.add(OnThread.start("unpacking", this::unpack));
        }
        for (OnThread thread : threads) {
            assertEquals(null, thread.thrown());
        }
        assertEquals(List.of(library.name()), files());
    }

    private static String option(String name, Object value) {
        return "-D" + name + '=' + value;
    }

    /** Prints the file that the library was loaded from. */
    static class Loads {
        public static void main(String[] args) throws IOException {
            new Engine().close();
            try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
                System.out.println(maps.filter(line -> line.contains("wasmtime_java"))
                        .map(line -> line.substring(line.indexOf('/'))).distinct().toList());
            }
        }
    }

    @Test
    @Tag("own-jvm")
    @EnabledOnOs(OS.LINUX)
    void severalJvmsShareOneFile() throws Exception {
        List<OnThread> jvms = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            jvms.add(OnThread.start("a JVM", () -> {
                ChildJvm.Result result = new ChildJvm(option(NativeLibrary.CACHE_PROPERTY, cache)).run(Loads.class);
                // A slower JVM may have replaced the file by the same content.
                assertTrue(result.succeeded().out().startsWith("[" + cache.toRealPath()), result.out());
            }));
        }
        for (OnThread jvm : jvms) {
            assertEquals(null, jvm.thrown());
        }
        assertEquals(List.of(library.name()), files());
    }

    @Test
    @Tag("own-jvm")
    @EnabledOnOs(OS.LINUX)
    void fallsBackToTheTemporaryDirectoryAndDeletesTheFile() throws Exception {
        Path temporary = Files.createDirectory(cache.resolve("tmp"));
        assumeTrue(System.getenv("XDG_CACHE_HOME") == null);
        // The home of a user without one.
        ChildJvm.Result result = new ChildJvm(option("user.home", "?"), option("java.io.tmpdir", temporary))
                .run(Loads.class).succeeded();
        assertTrue(result.out().startsWith("[" + temporary + "/wasmtime-java-"), result.out());
        assertTrue(result.out().endsWith(library.name() + " (deleted)]\n"), result.out());
        assertEquals(List.of(), files());
    }

    @Test
    @Tag("own-jvm")
    @EnabledOnOs(OS.LINUX)
    void usersCacheIsTheDefault() throws Exception {
        assumeTrue(System.getenv("XDG_CACHE_HOME") == null);
        ChildJvm.Result result = new ChildJvm(option("user.home", cache)).run(Loads.class);
        assertEquals("[" + cache + "/.cache/wasmton/" + library.sha256() + '/' + library.name() + "]\n",
                result.succeeded().out());
    }

    @Test
    @Tag("own-jvm")
    void unusableNamedCacheIsReportedWithTheOptions() throws Exception {
        Path file = Files.writeString(cache.resolve("file"), "");
        ChildJvm.Result result = new ChildJvm(option(NativeLibrary.CACHE_PROPERTY, file)).run(Loads.class);
        assertEquals(1, result.exit());
        assertTrue(result.err().contains("UnsatisfiedLinkError: cannot unpack and load the native library: "),
                result.err());
        assertTrue(result.err().contains(file.toString()), result.err());
        assertTrue(result.err().contains("-D" + NativeLibrary.CACHE_PROPERTY + "=DIRECTORY"), result.err());
        assertTrue(result.err().contains("-D" + NativeLibrary.PATH_PROPERTY + "=FILE"), result.err());
    }

    @Test
    @Tag("own-jvm")
    @EnabledOnOs(OS.LINUX)
    void loadsANamedFileInPlace() throws Exception {
        Path file = Files.move(unpack(), cache.resolve("named.so"));
        ChildJvm.Result result = new ChildJvm(option(NativeLibrary.PATH_PROPERTY, file)).run(Loads.class).succeeded();
        // The file has another name, so no mapping of the process has the library's.
        assertEquals("[]\n", result.out());
        assertFalse(files().isEmpty());
    }
}
