package io.github.wasmton;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;

import javax.tools.ToolProvider;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import io.github.wasmton.wasmtime.Engine;

/**
 * The check of native libraries ({@code dist/NativeImports.java}) accepts a good library and names each fault. This
 * machine's library is the built one; those of other systems are made here, of as few bytes as such a file can have.
 */
class NativeImportsTest {
    private static final String INITIALIZE =
            "Java_io_github_wasmton_wasmtime_internal_NativeLibrary_initialize\0";
    private static final String BIND = "Java_io_github_wasmton_wasmtime_internal_NativeLibrary_bind\0";
    private static final String SYSTEM_B = "/usr/lib/libSystem.B.dylib\0";
    private static final int PAGE = 512;

    private static URLClassLoader loader;
    private static Method examine;

    @BeforeAll
    static void compile(@TempDir Path classes) throws Exception {
        Path source = Path.of(System.getProperty("wasmton.project.dir"), "dist/NativeImports.java");
        assertEquals(0, ToolProvider.getSystemJavaCompiler().run(null, null, null, "-d", classes.toString(),
                source.toString()));
        loader = new URLClassLoader(new URL[] {classes.toUri().toURL()});
        examine = loader.loadClass("NativeImports").getDeclaredMethod("examine", String.class, byte[].class);
        examine.setAccessible(true);
        examine("macos-aarch64", machO(SYSTEM_B));  // loads all classes while the folder is there
    }

    @AfterAll
    static void close() throws IOException {
        loader.close();
    }

    private static String examine(String platform, byte[] file) throws Exception {
        try {
            return (String) examine.invoke(null, platform, file);
        } catch (InvocationTargetException e) {
            throw (Exception) e.getCause();
        }
    }

    private static void assertFault(String fault, String platform, byte[] file) {
        String message = assertThrows(IllegalArgumentException.class, () -> examine(platform, file)).getMessage();
        assertTrue(message.contains(fault), message);
    }

    /** Returns the file with the first occurrence of a text replaced by another of the same length. */
    private static byte[] replace(byte[] file, String text, String by) {
        String content = new String(file, StandardCharsets.ISO_8859_1);
        int at = content.indexOf(text);
        assertTrue(at >= 0, text);
        assertEquals(text.length(), by.length());
        byte[] replaced = file.clone();
        System.arraycopy(by.getBytes(StandardCharsets.ISO_8859_1), 0, replaced, at, by.length());
        return replaced;
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void acceptsThisMachinesLibraryAndNamesItsFaults() throws Exception {
        String machine = System.getProperty("os.arch").equals("amd64") ? "x86_64" : "aarch64";
        String platform = "linux-" + machine;
        byte[] library;
        try (InputStream stream = Engine.class.getResourceAsStream(
                "/native/" + platform + "/libwasmtime_java.so")) {
            library = stream.readAllBytes();
        }
        assertTrue(examine(platform, library).contains("libc.so.6"));
        assertFault("is for linux " + machine + ", not windows", "windows-" + machine, library);
        assertFault("is for linux " + machine + ", not linux", machine.equals("x86_64") ? "linux-aarch64"
                : "linux-x86_64", library);
        assertFault("libc.so.6", platform + "-musl", library);
        assertFault("no part of the system: [libz.so.6]", platform, replace(library, "\0libm.so.6\0", "\0libz.so.6\0"));
        assertFault("does not export", platform, replace(library, INITIALIZE, INITIALIZE.replace("ize\0", "ise\0")));
    }

    @Test
    void readsALibraryForMacos() throws Exception {
        byte[] library = machO(SYSTEM_B);
        assertEquals("/usr/lib/libSystem.B.dylib; signature fits all 2 pages; needs macOS 11.0",
                examine("macos-aarch64", library));
        assertFault("is for macos aarch64, not macos x86_64", "macos-x86_64", library);
        assertFault("[/opt/lib/libSystem.B.dylib]", "macos-aarch64", machO("/opt/lib/libSystem.B.dylib\0"));
        // Stripping it afterwards, for example, changes its bytes.
        library[PAGE + 1]++;
        assertFault("does not fit page 1 of 2", "macos-aarch64", library);
    }

    @Test
    void readsALibraryForWindows() throws Exception {
        assertEquals("KERNEL32.dll, ws2_32.dll", examine("windows-aarch64", pe("KERNEL32.dll\0", "ws2_32.dll\0")));
        assertFault("is for windows aarch64", "windows-x86_64", pe("KERNEL32.dll\0", "ws2_32.dll\0"));
        assertFault("[libunwind.dll]", "windows-aarch64", pe("libunwind.dll\0", "ws2_32.dll\0"));
        assertFault("[libunwind.dll]", "windows-aarch64", pe("KERNEL32.dll\0", "libunwind.dll\0"));
    }

    @Test
    void refusesAFileThatIsNoLibrary() {
        assertFault("is no ELF, Mach-O or PE file", "linux-x86_64", new byte[64]);
    }

    /** Makes a Mach-O file for ARM that loads one library, with a signature of its two pages. */
    private static byte[] machO(String needed) throws Exception {
        ByteBuffer file = ByteBuffer.allocate(3 * PAGE).order(ByteOrder.LITTLE_ENDIAN);
        file.putInt(0, 0xfeedfacf).putInt(4, 0x0100000c).putInt(16, 3);
        file.putInt(32, 0xc).putInt(36, 64).putInt(40, 24);
        put(file, 32 + 24, needed);
        file.putInt(96, 0x1d).putInt(100, 16).putInt(104, 2 * PAGE);
        file.putInt(112, 0x32).putInt(116, 24).putInt(124, 11 << 16);
        put(file, 200, INITIALIZE + BIND);
        // A blob of blobs, of which one is the code's directory: numbers of the other byte order.
        ByteBuffer signature = file.duplicate().order(ByteOrder.BIG_ENDIAN);
        int directory = 2 * PAGE + 32;
        signature.putInt(2 * PAGE + 16, 32);
        signature.putInt(directory + 16, 64).putInt(directory + 28, 2).putInt(directory + 32, 2 * PAGE);
        signature.put(directory + 39, (byte) 9);
        for (int page = 0; page < 2; page++) {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest(Arrays.copyOfRange(file.array(), page * PAGE, (page + 1) * PAGE));
            System.arraycopy(hash, 0, file.array(), directory + 64 + 32 * page, 32);
        }
        return file.array();
    }

    /** Makes a PE file for ARM that loads one library at once and another when it is first used. */
    private static byte[] pe(String needed, String delayed) {
        ByteBuffer file = ByteBuffer.allocate(3 * PAGE).order(ByteOrder.LITTLE_ENDIAN);
        int header = 64;
        int optional = header + 24;
        int section = optional + 240;
        file.putShort(0, (short) 0x5a4d).putInt(0x3c, header);
        file.putShort(header + 4, (short) 0xaa64).putShort(header + 6, (short) 1).putShort(header + 20, (short) 240);
        // In memory the section is at 0x1000, in the file at PAGE.
        file.putInt(section + 8, 2 * PAGE).putInt(section + 12, 0x1000).putInt(section + 16, 2 * PAGE)
                .putInt(section + 20, PAGE);
        file.putInt(optional + 120, 0x1000).putInt(PAGE + 12, 0x1100);
        file.putInt(optional + 216, 0x1080).putInt(PAGE + 0x80 + 4, 0x1120);
        put(file, PAGE + 0x100, needed);
        put(file, PAGE + 0x120, delayed);
        put(file, PAGE + 0x140, INITIALIZE + BIND);
        return file.array();
    }

    private static void put(ByteBuffer file, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(bytes, 0, file.array(), at, bytes.length);
    }
}
