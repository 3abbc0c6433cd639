package io.github.wasmton.wasmtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import io.github.wasmton.testing.ChildJvm;

/**
 * Promise: the native library uses JNI correctly. The tests of the binding and of guests run again under HotSpot's
 * {@code -Xcheck:jni}, which finds calls with an exception pending, wrong types, stale references and too many local
 * references.
 */
@Tag("own-jvm")
// Many tests in one: on a busy machine they take longer than one test may.
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class CheckJniTest {
    @TempDir
    private Path directory;

    /**
     * Returns the complaints of the check. It also warns that wasmtime's signal handlers replaced HotSpot's
     * ("Warning:"), which is intended.
     */
    private static List<String> complaints(ChildJvm.Result result) {
        return (result.out() + result.err()).lines()
                .filter(line -> line.startsWith("FATAL ERROR") || line.startsWith("WARNING")).toList();
    }

    @Test
    void checkJniFindsNothingInTheTestsOfBindingAndGuests() {
        // Tests that start JVMs would add nothing: the check covers only their parent.
        ChildJvm.Result result = new ChildJvm("-Xcheck:jni", "-Xmx1g").runTests(
                "--select-package", "io.github.wasmton.wasmtime", "--select-package", "io.github.wasmton.guest",
                "--exclude-tag", "own-jvm",
                "--exclude-classname", ".*[.](OtherJdks|ClassLoader|UnpackedLibrary|TestSuite)Test");
        assertEquals(List.of(), complaints(result));
        assertTrue(result.passed() > 300, result.out());
        assertTrue(result.out().contains("handler modified"), "the check was not on:\n" + result.out());
    }

    /** Checks that the check itself works. The native library of this test is compiled here. */
    @Test
    void checkJniFindsACallWithAnExceptionPending() throws Exception {
        Path source = Files.writeString(directory.resolve("misuse.rs"), """
                use std::ffi::c_void;
                use std::mem::transmute;

                type FindClass = extern "system" fn(*mut *const *const c_void, *const u8) -> *mut c_void;
                type ThrowNew = extern "system" fn(*mut *const *const c_void, *mut c_void, *const u8) -> i32;

                #[no_mangle]
                pub unsafe extern "system" fn Java_io_github_wasmton_wasmtime_CheckJniTest_00024Misuses_misuse(
                    env: *mut *const *const c_void,
                    _: *mut c_void,
                ) {
                    let find_class: FindClass = transmute(*(*env).add(6));
                    let throw_new: ThrowNew = transmute(*(*env).add(14));
                    let exception = find_class(env, b"java/lang/Exception\\0".as_ptr());
                    throw_new(env, exception, b"pending\\0".as_ptr());
                    find_class(env, b"java/lang/Object\\0".as_ptr());
                }
                """);
        Path library = directory.resolve(System.mapLibraryName("misuse"));
        Process rustc = new ProcessBuilder("rustc", "--edition", "2021", "--crate-type", "cdylib", "-o",
                library.toString(), source.toString()).directory(Path.of(System.getProperty("wasmton.project.dir"))
                .toFile()).redirectErrorStream(true).start();
        String output = new String(rustc.getInputStream().readAllBytes());
        assertTrue(ChildJvm.awaitEnd(rustc), "rustc hangs");
        assertEquals(0, rustc.exitValue(), output);
        ChildJvm.Result result = new ChildJvm("-Xcheck:jni").run(Misuses.class, library.toString()).succeeded();
        assertEquals(List.of("WARNING in native method: JNI call made with exception pending"), complaints(result));
    }

    static class Misuses {
        public static void main(String[] args) {
            System.load(args[0]);
            try {
                misuse();
            } catch (Exception e) {
                System.out.println(e.getMessage());
            }
        }

        private static native void misuse() throws Exception;
    }
}
