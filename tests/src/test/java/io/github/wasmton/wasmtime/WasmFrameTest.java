package io.github.wasmton.wasmtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;

/**
 * Information that a {@link TrapException} has about the wasm that ran: {@link WasmFrame}s, the stack trace, a core
 * dump.
 */
class WasmFrameTest {
    private static TrapException trap(Config config, String wat) {
        try (Engine engine = new Engine(config); Store store = new Store(engine); Linker linker = new Linker(store);
             Module module = Module.fromWat(engine, wat)) {
            Func func = linker.instantiate(module).getFunc("f");
            return assertThrows(TrapException.class, func::call);
        }
    }

    private static final String DEEP = """
            (module $deep (memory 1) (data (i32.const 0) "remember me")
              (func $outer (export "f") call 1) (func call $inner) (func $inner unreachable))""";

    @Test
    void framesComeInnermostFirst() {
        TrapException e = trap(new Config(), DEEP);
        assertEquals(3, e.frames().size());
        WasmFrame inner = e.frames().get(0);
        assertEquals(Optional.of("deep"), inner.module());
        assertEquals(Optional.of("inner"), inner.funcName());
        assertEquals(2, inner.funcIndex());
        assertTrue(inner.moduleOffset().isPresent() && inner.funcOffset().isPresent());
        assertEquals(List.of(), inner.symbols());
        assertEquals(Optional.empty(), e.frames().get(1).funcName());
        assertEquals(Optional.of("outer"), e.frames().get(2).funcName());
        assertEquals(Optional.empty(), e.coreDump());
    }

    @Test
    void stackTraceShowsThemWhereWasmRan() {
        StackTraceElement[] trace = trap(new Config(), DEEP).getStackTrace();
        assertArrayEquals(new String[] {"wasm.deep.inner", "wasm.deep.func[1]", "wasm.deep.outer",
                "io.github.wasmton.wasmtime.Func.callAny"},
                Arrays.stream(trace).limit(4).map(it -> it.getClassName() + '.' + it.getMethodName())
                        .toArray(String[]::new));
        assertTrue(trace[3].isNativeMethod());
    }

    @Test
    void coreDumpExistsIfConfigured() {
        TrapException e = trap(new Config().coredumpOnTrap(true), DEEP);
        byte[] dump = e.coreDump().orElseThrow();
        assertArrayEquals(new byte[] {0, 'a', 's', 'm'}, Arrays.copyOf(dump, 4));
        assertTrue(new String(dump, java.nio.charset.StandardCharsets.ISO_8859_1).contains("remember me"));
        assertEquals(3, e.frames().size());
        assertEquals("wasm trap: wasm `unreachable` instruction executed", e.getMessage());
    }
}
