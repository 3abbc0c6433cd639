package io.github.wasmton.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import ch.qos.logback.classic.Level;
import io.github.wasmton.testing.GuestLogCapture;
import io.github.wasmton.testing.Opened;
import io.github.wasmton.testing.TestGuests;
import io.github.wasmton.testing.Wasm;
import io.github.wasmton.wasmtime.wasi.WasiConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the quotas on what a guest writes into a granted directory. */
class FileQuotaTest {
    private static final GuestLimits QUOTAS = GuestLimits.DEFAULT.withFileSize(50_000).withWritten(100_000);
    private static final int DQUOT = 19;
    private static final int FBIG = 22;

    private final GuestLogCapture log = new GuestLogCapture(Level.INFO);
    private final Opened opened = new Opened();
    @TempDir
    private Path directory;

    @AfterEach
    void close() throws Exception {
        opened.close();
        log.close();
    }

    private <T extends AutoCloseable> T open(T it) {
        return opened.add(it);
    }

    private GuestOptions options(GuestLimits limits) {
        return GuestOptions.DEFAULT.withLimits(limits)
                .withWasi(WasiConfig.builder().readWriteDir(directory, "/").build());
    }

    /** Gives the component a task, and returns what it says that it did. */
    private String done(Guest guest, String task) {
        assertSame(Outcome.DONE, guest.process(TestGuests.task("hold " + task)));
        List<String> lines = log.take();
        return lines.get(lines.size() - 1);
    }

    private long bytes() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"probe", "async-component"})
    void componentWritesWithinTheQuotas(String name) throws Exception {
        Guest guest = open(open(GuestModule.load(TestGuests.guest(name), options(QUOTAS))).instantiate());
        assertTrue(done(guest, "write /a 60000").startsWith("50000 "));
        assertEquals(50_000, Files.size(directory.resolve("a")));
        assertTrue(done(guest, "append /a 1").startsWith("0 "));
        assertTrue(done(guest, "resize /b 60000").startsWith("0 "));
        assertEquals("1 ", done(guest, "resize /b 20000"));
        // Cut and made large again is written again; names count for 4,096 each.
        assertEquals("1 ", done(guest, "resize /b 0"));
        assertTrue(done(guest, "append /c 50000").startsWith("10000 "));
        assertTrue(Integer.parseInt(done(guest, "new-directories 100 /d").split(" ")[0]) < 2);
        assertTrue(bytes() <= 70_000, bytes() + " bytes");
    }

    /** A guest that fails gets a fresh instance, and no fresh quota. */
    @ParameterizedTest
    @ValueSource(strings = {"probe", "async-component"})
    void quotaIsOfAllInstances(String name) throws Exception {
        GuestModule module = open(GuestModule.load(TestGuests.guest(name), options(QUOTAS)));
        Guest guest = open(module.instantiate());
        for (int i = 0; i < 2; i++) {
            done(guest, "write /f" + i + " 50000");
            assertInstanceOf(Outcome.Failed.class, guest.process(TestGuests.task("panic")));
        }
        assertTrue(bytes() <= 100_000 && bytes() > 80_000, bytes() + " bytes");
        assertTrue(done(open(module.instantiate()), "append /f0 10000").startsWith("0 "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"probe", "async-component"})
    void failedCallsCostNothing(String name) throws Exception {
        Files.createDirectory(directory.resolve("there"));
        Guest guest = open(open(GuestModule.load(TestGuests.guest(name), options(QUOTAS))).instantiate());
        assertEquals("0 ", done(guest, "old-directories 100 /there"));
        assertEquals("50000 ", done(guest, "write /a 50000"));
    }

    /** The bytes that a stream is given wait in the host's memory until they are written. */
    @Test
    void streamTakesNoMoreThanItAllows() {
        Guest guest = open(open(GuestModule.load(TestGuests.guest("probe"), options(GuestLimits.DEFAULT)))
                .instantiate());
        assertEquals("1 ", done(guest, "stream s 65536"));
        Outcome.Failed failed = assertInstanceOf(Outcome.Failed.class,
                guest.process(TestGuests.task("hold stream t 65537")));
        assertEquals("wrote 65537 bytes where check-write allows 65536", failed.reason());
    }

    /** The guest's task is a call, of which it returns the error's number. */
    @ParameterizedTest
    @CsvSource({
        // A file of 60,000 bytes, in one piece, behind the end, or by its size.
        "write 60000, 22", "pwrite 0 60000, 22", "pwrite 40000 20000, 22", "size 60000, 22", "size 50000, 0",
        "write 50000, 0", "pwrite 40000 10000, 0",
        // Directories and links of 4,096 bytes each, of 100,000.
        "mkdir 25, 19", "mkdir 24, 0", "symlink 25, 19", "symlink 24, 0",
        // All that is written, to one place of one file.
        "pwrite-again 40000 3, 19", "pwrite-again 40000 2, 0"})
    void coreModuleWritesWithinTheQuotas(String task, int errno) throws Exception {
        Guest guest = open(open(Wasm.guest(writer(task.split(" ")), options(QUOTAS))).instantiate());
        Outcome outcome = guest.process(TestGuests.task(task));
        if (errno == 0) {
            assertSame(Outcome.DONE, outcome);
        } else {
            assertTrue(((Outcome.Failed) outcome).reason().startsWith("run returned " + errno), outcome.toString());
            String limit = errno == FBIG ? "GuestLimits.fileSize" : "GuestLimits.written";
            assertTrue(log.lines().toString().contains(limit), log.lines().toString());
        }
        assertTrue(errno == 0 || errno == DQUOT || bytes() == 0, bytes() + " bytes");
        assertTrue(bytes() <= 50_000, bytes() + " bytes");
    }

    @Test
    void coreModuleAppendsWithinTheQuotas() throws Exception {
        Files.write(directory.resolve("f"), new byte[45_000]);
        Guest guest = open(open(Wasm.guest(writer("append", "10000"), options(QUOTAS))).instantiate());
        assertTrue(((Outcome.Failed) guest.process(TestGuests.task(""))).reason().startsWith("run returned 22"));
        assertEquals(45_000, bytes());
    }

    @Test
    void withoutAQuotaAllIsWritten() throws Exception {
        byte[] large = new byte[3_000_000];
        Arrays.fill(large, (byte) 'x');
        for (String call : List.of("write", "pwrite 0")) {
            Guest guest = open(open(Wasm.guest(writer((call + " 3000000").split(" ")), options(GuestLimits.DEFAULT)))
                    .instantiate());
            assertSame(Outcome.DONE, guest.process(TestGuests.task("")));
            assertTrue(Arrays.equals(large, Files.readAllBytes(directory.resolve("f"))), call);
        }
    }

    /** A module that opens the file f and does one of these calls. */
    private static String writer(String... words) {
        String count = words[words.length - 1];
        String calls = switch (words[0]) {
            case "write", "append" -> "(call $must (call $write (local.get $f) (i32.const 16) (i32.const 1) "
                    + "(i32.const 32)))";
            case "pwrite" -> "(call $must (call $pwrite (local.get $f) (i32.const 16) (i32.const 1) "
                    + "(i64.const " + words[1] + ") (i32.const 32)))";
            case "pwrite-again" -> "(call $must (call $pwrite (local.get $f) (i32.const 16) (i32.const 1) "
                    + "(i64.const 0) (i32.const 32)))";
            case "size" -> "(call $must (call $size (local.get $f) (i64.const " + count + ")))";
            case "mkdir" -> "(call $must (call $mkdir (i32.const 3) (i32.const 48) (i32.const 2)))";
            case "symlink" -> "(call $must (call $symlink (i32.const 64) (i32.const 1) (i32.const 3) (i32.const 48) "
                    + "(i32.const 2)))";
            default -> throw new IllegalArgumentException(words[0]);
        };
        boolean names = words[0].endsWith("link") || words[0].equals("mkdir");
        String times = names || words[0].equals("pwrite-again") ? count : "1";
        String length = words[0].equals("pwrite-again") ? words[1] : names ? "0" : count;
        String open = names ? "" : """
                (call $must (call $open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 1)
                  (i64.const 0x1fffffff) (i64.const 0x1fffffff) (i32.const %d) (i32.const 32)))
                (local.set $f (i32.load (i32.const 32)))""".formatted(words[0].equals("append") ? 1 : 0);
        return """
                (module
                  (import "decaton" "poll_task" (func $poll (param i64 i32) (result i32)))
                  (import "wasi_snapshot_preview1" "path_open"
                    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
                  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
                  (import "wasi_snapshot_preview1" "fd_pwrite" (func $pwrite (param i32 i32 i32 i64 i32) (result i32)))
                  (import "wasi_snapshot_preview1" "fd_filestat_set_size" (func $size (param i32 i64) (result i32)))
                  (import "wasi_snapshot_preview1" "path_create_directory"
                    (func $mkdir (param i32 i32 i32) (result i32)))
                  (import "wasi_snapshot_preview1" "path_symlink"
                    (func $symlink (param i32 i32 i32 i32 i32) (result i32)))
                  (memory (export "memory") 64)
                  (data (i32.const 48) "da")
                  (data (i32.const 64) "f")
                  (global $errno (mut i32) (i32.const 0))
                  (func $must (param $errno i32)
                    (if (local.get $errno) (then (global.set $errno (local.get $errno)))))
                  (func (export "run") (result i32) (local $f i32) (local $i i32)
                    (drop (call $poll (i64.const 128) (i32.const 100)))
                    (memory.fill (i32.const 4096) (i32.const 120) (i32.const 3000000))
                    (i32.store (i32.const 16) (i32.const 4096))
                    (i32.store (i32.const 20) (i32.const %s))
                    %s
                    (loop $again
                      %s
                      (i32.store8 (i32.const 49) (i32.add (i32.const 97) (local.tee $i
                        (i32.add (local.get $i) (i32.const 1)))))
                      (br_if $again (i32.lt_u (local.get $i) (i32.const %s))))
                    (global.get $errno)))""".formatted(length, open, calls, times);
    }
}
