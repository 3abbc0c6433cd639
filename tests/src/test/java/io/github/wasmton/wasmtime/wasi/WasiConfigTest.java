package io.github.wasmton.wasmtime.wasi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WasiConfigTest {
    @Test
    void shortFormGrantsOnlyTheDirectories() {
        PreopenDir here = new PreopenDir("./", "/");
        WasiConfig config = new WasiConfig(new String[] {"a"}, new PreopenDir[] {here});
        assertEquals(List.of("a"), config.args());
        assertEquals(List.of(here), config.preopenDirs());
        assertEquals(Map.of(), config.env());
    }

    @Test
    void laterChangesDoNotAffectIt() {
        List<String> args = new ArrayList<>(List.of("a"));
        Map<String, String> env = new HashMap<>(Map.of("b", "c"));
        List<PreopenDir> dirs = new ArrayList<>(List.of(new PreopenDir(".", "/")));
        WasiConfig config = new WasiConfig(args, env, dirs);
        args.clear();
        env.clear();
        dirs.clear();
        assertEquals(List.of("a"), config.args());
        assertEquals(Map.of("b", "c"), config.env());
        assertEquals(1, config.preopenDirs().size());
        assertThrows(UnsupportedOperationException.class, () -> config.args().add("d"));
        assertThrows(UnsupportedOperationException.class, () -> config.env().put("d", "e"));
        assertThrows(UnsupportedOperationException.class, () -> config.preopenDirs().clear());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "=", "A=B", "=A"})
    void rejectsInvalidVariableNames(String name) {
        assertThrows(IllegalArgumentException.class, () -> new WasiConfig(List.of(), Map.of(name, "value"), List.of()));
    }

    @Test
    void rejectsNulls() {
        Map<String, String> nullValue = new HashMap<>();
        nullValue.put("A", null);
        assertThrows(NullPointerException.class, () -> new WasiConfig(List.of(), nullValue, List.of()));
        assertThrows(NullPointerException.class, () -> new WasiConfig(new String[] {null}, new PreopenDir[0]));
        assertThrows(NullPointerException.class, () -> new WasiConfig(new String[0], new PreopenDir[] {null}));
    }

    @Test
    void emptyConfigurationGrantsNothing() {
        assertEquals(List.of(), WasiConfig.EMPTY.args());
        assertEquals(Map.of(), WasiConfig.EMPTY.env());
        assertEquals(List.of(), WasiConfig.EMPTY.preopenDirs());
    }
}
