package io.github.wasmton.wasmtime.wasi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

import org.junit.jupiter.api.Test;

class WasiConfigBuilderTest {
    private final WasiConfig.Builder builder = WasiConfig.builder();

    @Test
    void repeatedCallsAdd() {
        WasiConfig config = builder.args("a", "b").args(List.of("c")).env("D", "d").env(Map.of("E", "e", "D", "f"))
                .readOnlyDir(Path.of("in"), "/in").readWriteDir(Path.of("out"), "/out").build();
        assertEquals(List.of("a", "b", "c"), config.args());
        assertEquals(Map.of("D", "f", "E", "e"), config.env());
        assertEquals(List.of(new PreopenDir("in", "/in", false), new PreopenDir("out", "/out")), config.preopenDirs());
    }

    @Test
    void builtConfigurationDoesNotChange() {
        WasiConfig config = builder.args("a").build();
        builder.args("b").stdout(Output.discard());
        assertEquals(List.of("a"), config.args());
        assertSame(Output.inherit(), config.stdout());
        assertEquals(List.of("a", "b"), builder.build().args());
    }

    @Test
    void toBuilderStartsWithTheConfiguration() {
        Capture capture = new Capture(10);
        WasiConfig config = builder.args("a").env("B", "b").readOnlyDir(Path.of("."), "/").stdin(Input.inherit())
                .stdout(Output.stream(capture)).stderr(Output.discard()).clock(Instant.EPOCH, Duration.ofMillis(1))
                .randomSeed(7).build();
        WasiConfig copy = config.toBuilder().build();
        assertEquals(config.args(), copy.args());
        assertEquals(config.env(), copy.env());
        assertEquals(config.preopenDirs(), copy.preopenDirs());
        assertSame(config.stdin(), copy.stdin());
        assertSame(config.stdout(), copy.stdout());
        assertSame(config.stderr(), copy.stderr());
        assertEquals(OptionalLong.of(0), copy.clockStart());
        assertEquals(1_000_000, copy.clockStep());
        assertEquals(OptionalLong.of(7), copy.randomSeed());
    }

    @Test
    void rejectsTextWithANul() {
        assertThrows(IllegalArgumentException.class, () -> builder.args("a\0b"));
        assertThrows(IllegalArgumentException.class, () -> builder.env("a\0b", ""));
        assertThrows(IllegalArgumentException.class, () -> builder.env("a", "\0"));
        assertThrows(IllegalArgumentException.class, () -> builder.readOnlyDir(Path.of("."), "\0"));
        assertThrows(IllegalArgumentException.class, () -> new PreopenDir("\0", "/"));
    }

    @Test
    void rejectsAClockOutOfRange() {
        builder.clock(Instant.EPOCH, Duration.ZERO);
        builder.clock(Instant.EPOCH.plusNanos(Long.MAX_VALUE), Duration.ofNanos(Long.MAX_VALUE));
        Instant now = Instant.now();
        assertThrows(IllegalArgumentException.class, () -> builder.clock(now, Duration.ofNanos(-1)));
        assertThrows(IllegalArgumentException.class, () -> builder.clock(now, Duration.ofSeconds(Long.MAX_VALUE)));
        assertThrows(IllegalArgumentException.class, () -> builder.clock(Instant.EPOCH.minusNanos(1), Duration.ZERO));
        assertThrows(IllegalArgumentException.class, () -> builder.clock(Instant.MAX, Duration.ZERO));
        assertThrows(IllegalArgumentException.class, () -> builder.clock(Instant.MIN, Duration.ZERO));
    }

    @Test
    void rejectsNulls() {
        assertThrows(NullPointerException.class, () -> builder.args((String) null));
        assertThrows(NullPointerException.class, () -> builder.env("A", null));
        assertThrows(NullPointerException.class, () -> builder.stdin(null));
        assertThrows(NullPointerException.class, () -> builder.stdout(null));
        assertThrows(NullPointerException.class, () -> builder.stderr(null));
        assertThrows(NullPointerException.class, () -> Input.stream(null));
        assertThrows(NullPointerException.class, () -> Input.bytes(null));
        assertThrows(NullPointerException.class, () -> Input.file(null));
        assertThrows(NullPointerException.class, () -> Output.stream(null));
        assertThrows(NullPointerException.class, () -> Output.file(null));
    }
}
