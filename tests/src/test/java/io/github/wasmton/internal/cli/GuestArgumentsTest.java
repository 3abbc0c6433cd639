package io.github.wasmton.internal.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

import io.github.wasmton.guest.GuestLogging;
import io.github.wasmton.wasmtime.CodeCache;
import io.github.wasmton.wasmtime.wasi.Output;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

class GuestArgumentsTest {
    private static GuestArguments parse(String... options) {
        return Commands.parse(options).guest.guest;
    }

    @Test
    void bothStreamsGoToTheLogByDefault() {
        assertEquals(GuestLogging.BOTH, parse().logging());
    }

    @Test
    void eachStreamCanGoElsewhere() {
        GuestArguments guest = parse("--stdout", "inherit", "--stderr", "discard");
        assertEquals(GuestLogging.NONE, guest.logging());
        WasiConfig.Builder wasi = WasiConfig.EMPTY.toBuilder();
        guest.applyStreams(wasi);
        assertSame(Output.inherit(), wasi.build().stdout());
        assertSame(Output.discard(), wasi.build().stderr());
    }

    @Test
    void optionTurnsTheCodeCacheOff() {
        assertSame(CodeCache.NONE, Commands.parse("--code-cache", "none").guest.cache.cache());
    }
}
