package io.github.wasmton.guest;

import static io.github.wasmton.testing.TestGuests.guest;
import static io.github.wasmton.testing.TestGuests.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import ch.qos.logback.classic.Level;
import io.github.wasmton.testing.ChildJvm;
import io.github.wasmton.testing.KeptCode;
import io.github.wasmton.testing.LogCapture;
import io.github.wasmton.testing.OnThread;
import io.github.wasmton.wasmtime.CodeCache;
import io.github.wasmton.wasmtime.Config;
import io.github.wasmton.wasmtime.Engine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Tests the cache by its effect: the tests replace the code of one guest with another's. */
class GuestCacheTest {
    @TempDir
    private Path directory;

    private final LogCapture log = new LogCapture(GuestModule.class, Level.DEBUG);

    @AfterEach
    void release() {
        log.close();
    }

    private Path kept() {
        return directory.resolve("kept");
    }

    private CodeCache cache() {
        return CodeCache.in(kept());
    }

    /** Writes a guest that returns a number and is large enough for the cache. */
    private static String returning(int status) {
        return """
                (module
                  (import "decaton" "poll_task" (func $poll_task (param i64 i32) (result i32)))
                  (memory (export "memory") 2)
                  (data (i32.const 65536) "%s")
                  (func (export "run") (result i32)
                    (drop (call $poll_task (i64.const 0) (i32.const 65536)))
                    (i32.const %d)))
                """.formatted("x".repeat(20_000), status);
    }

    private Path write(int status) throws IOException {
        return Files.writeString(directory.resolve("returns-" + status + ".wat"), returning(status));
    }

    private static int run(Path wasm, CodeCache cache) {
        try (GuestModule module = GuestModule.load(wasm, GuestOptions.DEFAULT, cache);
                Guest guest = module.instantiate()) {
            Outcome outcome = guest.process(task("task"));
            return outcome == Outcome.DONE ? 0
                    : Integer.parseInt(((Outcome.Failed) outcome).reason().replaceAll("\\D", ""));
        }
    }

    private List<Path> files() throws IOException {
        return KeptCode.files(kept());
    }

    private Path onlyFile() throws IOException {
        assertEquals(1, files().size(), files().toString());
        return files().get(0);
    }

    /** Returns compiled code of a guest that returns a number. */
    private byte[] codeOf(int status) throws IOException {
        Path elsewhere = directory.resolve("elsewhere");
        run(write(status), CodeCache.in(elsewhere));
        try (Stream<Path> files = Files.list(elsewhere)) {
            Path file = files.toList().get(0);
            byte[] code = Files.readAllBytes(file);
            Files.delete(file);
            return code;
        }
    }

    /** Caches a guest, and replaces its code with that of a guest that returns another number. */
    private Path plant(Path wasm, int status) throws IOException {
        run(wasm, cache());
        return KeptCode.replace(onlyFile(), codeOf(status));
    }

    @Test
    void cachedCodeIsLoadedInsteadOfCompiled() throws Exception {
        Path wasm = write(5);
        assertEquals(5, run(wasm, cache()));
        Path file = onlyFile();
        assertTrue(file.getFileName().toString().startsWith(sha256(wasm) + '-'), file.toString());
        assertEquals(5, run(wasm, cache()));
        assertEquals(file, onlyFile());
        KeptCode.replace(file, codeOf(6));
        assertEquals(6, run(wasm, cache()));
        assertEquals(List.of(), log.take());
    }

    private static String sha256(Path wasm) {
        try (GuestModule module = GuestModule.load(wasm, GuestOptions.DEFAULT, CodeCache.NONE)) {
            return module.sha256();
        }
    }

    @Test
    void cacheKeepsComponents() throws Exception {
        Path wasm = guest("polling");
        for (int i = 0; i < 2; i++) {
            try (GuestModule module = GuestModule.load(wasm, GuestOptions.DEFAULT, cache());
                    Guest guest = module.instantiate()) {
                assertTrue(module.component());
                assertEquals(Outcome.DONE, guest.process(task("0 task")));
            }
        }
        KeptCode.replace(onlyFile(), codeOf(7));
        assertEquals(7, run(wasm, cache()));
    }

    @Test
    void cachedCodeHasTheSameFramesInBacktraces() throws Exception {
        Path wasm = guest("messages");
        List<Outcome> outcomes = new ArrayList<>();
        for (CodeCache cache : List.of(CodeCache.NONE, cache(), cache())) {
            try (GuestModule module = GuestModule.load(wasm, GuestOptions.DEFAULT, cache);
                    Guest guest = module.instantiate()) {
                outcomes.add(guest.process(task("no JSON")));
            }
        }
        assertFalse(((Outcome.Failed) outcomes.get(0)).backtrace().isEmpty());
        assertEquals(List.of(outcomes.get(0), outcomes.get(0), outcomes.get(0)), outcomes);
    }

    @Test
    void damagedCodeIsCompiledAgain() throws Exception {
        Path wasm = write(5);
        run(wasm, cache());
        Path file = onlyFile();
        byte[] code = Files.readAllBytes(file);
        byte[] changed = code.clone();
        changed[code.length / 2] ^= 1;
        for (byte[] damaged : List.of(changed, new byte[code.length], new byte[0], new byte[] {1})) {
            Files.write(file, damaged);
            assertEquals(5, run(wasm, cache()));
            assertEquals(List.of(file + " is not used: java.io.IOException: it is damaged"), log.take());
            assertEquals(code.length, Files.size(onlyFile()), "it was written anew");
        }
    }

    @Test
    void invalidOrForeignCodeIsCompiledAgain() throws Exception {
        Path wasm = write(5);
        run(wasm, cache());
        byte[] ofAnother;
        try (Engine engine = new Engine(new Config().epochInterruption(false))) {
            ofAnother = engine.precompileModule(returning(6).getBytes(StandardCharsets.UTF_8));
        }
        byte[] cut = codeOf(6);
        cut = java.util.Arrays.copyOf(cut, cut.length / 2);
        byte[] nonsense = "nonsense".getBytes(StandardCharsets.UTF_8);
        for (byte[] other : List.of(ofAnother, cut, nonsense, Files.readAllBytes(wasm))) {
            Path planted = KeptCode.replace(onlyFile(), other);
            assertEquals(5, run(wasm, cache()));
            Files.deleteIfExists(planted);
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void ignoresFilesThatOthersMayWriteTo() throws Exception {
        Path wasm = write(5);
        Path planted = plant(wasm, 6);
        Files.setPosixFilePermissions(planted, PosixFilePermissions.fromString("rw----rw-"));
        assertEquals(5, run(wasm, cache()));
        assertEquals(List.of(planted + " is not used: java.nio.file.AccessDeniedException: " + planted
                + ": other users may write to it"), log.take());

        Files.setPosixFilePermissions(planted, PosixFilePermissions.fromString("rw-------"));
        Files.setPosixFilePermissions(kept(), PosixFilePermissions.fromString("rwxrwx---"));
        assertEquals(5, run(wasm, cache()));
        String told = log.take().toString();
        assertTrue(told.contains("no compiled code can be looked up") && told.contains("cannot be kept"), told);
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void ignoresSymbolicLinks() throws Exception {
        Path wasm = write(5);
        Path planted = plant(wasm, 6);
        Path elsewhere = Files.move(planted, directory.resolve("elsewhere.cwasm"));
        Files.createSymbolicLink(planted, elsewhere);
        assertEquals(5, run(wasm, cache()));
        Files.delete(planted);
        Files.createDirectory(planted);
        assertEquals(5, run(wasm, cache()));
    }

    @Test
    void unusableDirectoryIsNoError() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "");
        assertEquals(5, run(write(5), CodeCache.in(file)));
        assertEquals(5, run(write(5), CodeCache.in(file.resolve("below"))));
        assertEquals(0, Files.size(file));
        assertEquals(4, log.take().size());
    }

    @Test
    void limitRemovesTheLeastRecentlyUsedFiles() throws Exception {
        run(write(1), cache());
        long size = Files.size(onlyFile());
        CodeCache two = cache().withMaxBytes(2 * size + size / 2);
        Path first = onlyFile();
        Files.setLastModifiedTime(first, FileTime.fromMillis(1000));
        Path foreign = Files.write(kept().resolve("not-ours"), new byte[(int) (3 * size)]);
        Files.setLastModifiedTime(foreign, FileTime.fromMillis(0));
        Path left = Files.write(kept().resolve(".123-part"), new byte[10]);
        Files.setLastModifiedTime(left, FileTime.fromMillis(0));
        run(write(2), two);
        Path second = files().stream().filter(file -> file.toString().endsWith(".cwasm") && !file.equals(first))
                .findFirst().orElseThrow();
        Files.setLastModifiedTime(second, FileTime.fromMillis(2000));
        assertEquals(1, run(write(1), two));  // used: now the second is the older one
        assertTrue(Files.getLastModifiedTime(first).toMillis() > 2000);

        run(write(3), two);
        assertTrue(Files.exists(first));
        assertFalse(Files.exists(second));
        assertFalse(Files.exists(left), "what a process left behind that died");
        assertTrue(Files.exists(foreign), "what is not the cache's stays");
        assertEquals(3, files().size(), files().toString());

        run(write(4), cache().withMaxBytes(1));
        assertEquals(2, files().size(), "what was just made stays, however large: " + files());
    }

    @Test
    void noCacheKeepsNothing() throws Exception {
        assertEquals(5, run(write(5), CodeCache.NONE));
        Path small = Files.writeString(directory.resolve("small.wat"), returning(5).replaceAll("x+\"", "\""));
        assertEquals(5, run(small, cache()));
        assertEquals(List.of(), files());
        assertEquals(List.of(), log.take());
    }

    @Test
    void announcesALongCompilationOnce() throws Exception {
        Path large = Files.writeString(directory.resolve("large.wat"), returning(5) + " ".repeat(3 << 20));
        try (LogCapture said = new LogCapture(GuestModule.class, Level.INFO)) {
            run(large, cache());
            assertEquals(List.of("Compiling " + large + " (3MiB), which takes some seconds; the next start takes it"
                    + " from the cache"), said.take());
            run(large, cache());
            assertEquals(List.of(), said.take());
            run(large, CodeCache.NONE);
            assertEquals(List.of("Compiling " + large + " (3MiB), which takes some seconds"), said.take());
        }
    }

    @Test
    void concurrentLoadsAllGetTheGuest() throws Exception {
        Path wasm = write(5);
        List<OnThread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            threads.add(OnThread.start("loading " + i, () -> {
                for (int round = 0; round < 5; round++) {
                    assertEquals(5, run(wasm, cache()));
                }
            }));
        }
        threads.forEach(OnThread::join);
        onlyFile();
        assertEquals(List.of(), log.take());
    }

    /** Runs a guest several times with a cache, and prints its results. */
    static class Runs {
        public static void main(String[] args) {
            for (int i = 0; i < 5; i++) {
                System.out.println(run(Path.of(args[0]), CodeCache.in(Path.of(args[1]))));
            }
        }
    }

    @Test
    @Tag("own-jvm")
    void severalJvmsShareOneCache() throws Exception {
        Path wasm = write(5);
        List<OnThread> jvms = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            jvms.add(OnThread.start("a JVM", () -> assertEquals("5\n".repeat(5),
                    new ChildJvm().run(Runs.class, wasm.toString(), kept().toString()).succeeded().out())));
        }
        for (OnThread jvm : jvms) {
            assertEquals(null, jvm.thrown());
        }
        onlyFile();
    }

    @Test
    @Tag("own-jvm")
    void defaultIsTheUsersCacheDirectory() throws Exception {
        Path wasm = write(5);
        ChildJvm jvm = new ChildJvm("-Dio.github.wasmton.native.cache=" + directory);
        jvm.run(RunsByDefault.class, wasm.toString()).succeeded();
        Files.move(directory.resolve("wasmton").resolve("code"), kept(), StandardCopyOption.ATOMIC_MOVE);
        assertTrue(onlyFile().getFileName().toString().startsWith(sha256(wasm)));
    }

    /** Loads a guest without naming a cache. */
    static class RunsByDefault {
        public static void main(String[] args) {
            GuestModule.load(Path.of(args[0]), GuestOptions.DEFAULT).close();
        }
    }
}
