package io.github.wasmton.wasmtime.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlatformTest {
    @ParameterizedTest
    @CsvSource({
        "Linux, amd64, linux-x86_64, linux x86_64 with gnu libc",
        "Linux, aarch64, linux-aarch64, linux aarch64 with gnu libc",
        "Linux, riscv64, linux-riscv64, linux riscv64 with gnu libc",
        "Mac OS X, aarch64, macos-aarch64, macos aarch64",
        "Mac OS X, x86_64, macos-x86_64, macos x86_64",
        "Windows Server 2022, amd64, windows-x86_64, windows x86_64",
        "Windows 11, aarch64, windows-aarch64, windows aarch64",
        "FreeBSD, amd64, freebsd-x86_64, freebsd x86_64",
    })
    void isNamedByItsFolderAndInWords(String osName, String osArch, String folder, String words) {
        Platform platform = Platform.of(osName, osArch);
        assertEquals(folder, platform.folder());
        assertEquals(words, platform.toString());
    }

    @Test
    void muslHasItsOwnFolders() {
        Platform platform = new Platform("linux", "x86_64", "musl");
        assertEquals("linux-x86_64-musl", platform.folder());
        assertEquals("linux x86_64 with musl libc", platform.toString());
    }

    @Test
    void libcIsThatOfTheProcess() {
        assertTrue(Platform.namesMusl(Stream.of("55 r-xp 00 08:01 1 /usr/lib/jvm/bin/java",
                "7f r-xp 00 08:01 2 /lib/ld-musl-x86_64.so.1")));
        assertFalse(Platform.namesMusl(Stream.of("7f r-xp 00 08:01 2 /usr/lib/x86_64-linux-gnu/libc.so.6")));
    }

    @Test
    void jarHasTheFolderOfThisJvm() {
        assertTrue(Platform.FOLDERS.contains(Platform.current().folder()), Platform.current().folder());
    }
}
