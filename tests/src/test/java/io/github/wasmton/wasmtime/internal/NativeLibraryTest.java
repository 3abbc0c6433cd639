package io.github.wasmton.wasmtime.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
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

    /** Makes a copy as build tools relocate it: the names in the class file change, those in its strings too. */
    @Test
    void relocatedCopySaysThatItCannotBeRelocated() {
        Throwable thrown = assertThrows(UnsatisfiedLinkError.class,
                () -> Class.forName("io.github.shadedx.wasmtime.internal.NativeLibrary", true, new Relocated()));
        assertEquals("wasmtime-java cannot be relocated to another package: this class is "
                + "io.github.shadedx.wasmtime.internal.NativeLibrary and must be " + NativeLibrary.class.getName()
                + ". Exclude the package io.github.wasmton from the relocation (shading)", thrown.getMessage());
    }

    private static final class Relocated extends ClassLoader {
        Relocated() {
            super(NativeLibrary.class.getClassLoader());
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            String original = name.replace("shadedx", "wasmton").replace('.', '/') + ".class";
            try (InputStream in = getParent().getResourceAsStream(original)) {
                // Names of the same length leave the rest of the file as it is.
                byte[] relocated = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1)
                        .replace("io/github/wasmton", "io/github/shadedx")
                        .replace("io.github.wasmton", "io.github.shadedx").getBytes(StandardCharsets.ISO_8859_1);
                return defineClass(name, relocated, 0, relocated.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }
}
