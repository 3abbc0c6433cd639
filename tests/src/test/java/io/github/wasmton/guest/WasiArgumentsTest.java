package io.github.wasmton.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.github.wasmton.testing.Wasm;
import io.github.wasmton.wasmtime.wasi.PreopenDir;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

/** Calls of WASI with arguments that ended other hosts (docs/field-reports.md): here they are the guest's own fault. */
class WasiArgumentsTest {
    /** Makes one call in each task; answers "dead letter" to an error number. */
    private static final String GUEST = """
            (module
              (import "decaton" "poll_task" (func $poll (param i64 i32) (result i32)))
              (import "wasi_snapshot_preview1" "%s" (func $f (param %s) (result i32)))
              (memory (export "memory") 1)
              (data (i32.const 100) "a/.")
              (data (i32.const 200) "a\\00b")
              (func (export "run") (result i32)
                (drop (call $poll (i64.const 1000) (i32.const 100)))
                (if (result i32) (call $f %s) (then (i32.const 2)) (else (i32.const 0)))))""";

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({
        "fd_readdir, i32 i32 i32 i64 i32, 3 0 64 -1 512, DONE",
        "fd_readdir, i32 i32 i32 i64 i32, 3 0 -1 0 512, DONE",
        "random_get, i32 i32, 0 -1, DEAD_LETTER",
        "path_readlink, i32 i32 i32 i32 i32 i32, 3 100 1 0 -1 512, DEAD_LETTER",
        "path_open, i32 i32 i32 i32 i32 i64 i64 i32 i32, -1 -1 100 -1 -1 -1 -1 -1 -1, DEAD_LETTER",
        "path_open, i32 i32 i32 i32 i32 i64 i64 i32 i32, 3 0 200 3 0 -1 -1 0 512, TRAP",
        "path_open, i32 i32 i32 i32 i32 i64 i64 i32 i32, 3 0 200 3 0 0 0 0 512, DEAD_LETTER",
        "fd_renumber, i32 i32, 3 -1, DEAD_LETTER",
        "fd_renumber, i32 i32, 3 2147483647, DEAD_LETTER",
        "fd_close, i32, -1, DEAD_LETTER",
        "poll_oneoff, i32 i32 i32 i32, 0 0 -1 512, DEAD_LETTER",
        "path_remove_directory, i32 i32 i32, 3 200 3, DEAD_LETTER",
        "path_remove_directory, i32 i32 i32, 3 100 0, DEAD_LETTER",
        "path_unlink_file, i32 i32 i32, 3 100 3, DEAD_LETTER"
    })
    void impossibleArgumentsAreTheGuestsFault(String name, String parameters, String arguments, String expected)
            throws Exception {
        String[] types = parameters.split(" ");
        String[] values = arguments.split(" ");
        StringBuilder constants = new StringBuilder();
        for (int i = 0; i < types.length; i++) {
            constants.append('(').append(types[i]).append(".const ").append(values[i]).append(')');
        }
        GuestOptions options = GuestOptions.DEFAULT.withWasi(
                new WasiConfig(List.of(), Map.of(), List.of(new PreopenDir(directory.toString(), "/"))));
        try (GuestModule module = Wasm.guest(GUEST.formatted(name, parameters, constants), options);
             Guest guest = module.instantiate()) {
            for (int task = 0; task < 2; task++) {
                Outcome outcome = guest.process(new Task("topic", 0, task, new byte[] {1}));
                assertEquals(expected, outcome instanceof Outcome.Failed failure ? failure.kind().name() : "DONE",
                        outcome::toString);
            }
        }
    }
}
