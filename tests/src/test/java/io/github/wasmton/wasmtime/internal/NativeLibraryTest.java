package io.github.wasmton.wasmtime.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.github.wasmton.testing.ChildJvm;
import io.github.wasmton.wasmtime.Engine;

/** Binding of classes, and loading of a named file. {@link UnpackedLibraryTest} tests unpacking. */
class NativeLibraryTest {
    @TempDir
    private Path directory;

    @Test
    void unknownClassIsNamed() {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
                () -> NativeLibrary.register(NativeLibraryTest.class));
        assertEquals("the native library knows no class " + NativeLibraryTest.class.getName(), e.getMessage());
    }

    @Test
    void classMayBeRegisteredAgain() {
        NativeLibrary.register(Engine.class);
        NativeLibrary.register(Engine.class);
        new Engine().close();
    }

    @Test
    @Tag("own-jvm")
    void rejectsANamedFileThatIsNoLibrary() throws Exception {
        Path file = Files.writeString(directory.resolve("library"), "not one");
        ChildJvm.Result result = new ChildJvm("-D" + NativeLibrary.PATH_PROPERTY + '=' + file).run(Loads.class);
        assertEquals(1, result.exit());
        assertTrue(result.err().contains("cannot load the native library that -D" + NativeLibrary.PATH_PROPERTY
                + " names: " + file), result.err());
    }

    static class Loads {
        public static void main(String[] args) {
            new Engine().close();
        }
    }
}
