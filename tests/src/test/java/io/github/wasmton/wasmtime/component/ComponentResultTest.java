package io.github.wasmton.wasmtime.component;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.Store;

/** A result of a function is its value or an exception, on both sides. */
class ComponentResultTest {
    static final String WAT = """
            (component
              (import "find" (func $find (param "key" string) (result (result string (error u32)))))
              (import "check" (func $check (param "key" u32) (result (result))))
              %s
              (core func $f (canon lower (func $find) %s))
              (core func $c (canon lower (func $check)))
              (core module $M
                (import "" "find" (func $find (param i32 i32 i32)))
                (func (export "find") (param i32 i32) (result i32)
                  (call $find (local.get 0) (local.get 1) (i32.const 32))
                  (i32.const 32)))
              (core instance $m (instantiate $M (with "" (instance (export "find" (func $f))))))
              (func (export "find") (param "key" string) (result (result string (error u32)))
                (canon lift (core func $m "find") %s))
              (func (export "check") (param "key" u32) (result (result)) (canon lift (core func $c))))
            """.formatted(ComponentWat.MEMORY, ComponentWat.OPTIONS, ComponentWat.OPTIONS);

    @Test
    void aResultIsItsValueOrAnException() {
        try (Engine engine = new Engine(); Store store = new Store(engine);
             Component component = Component.fromWat(engine, WAT)) {
            ComponentLinker linker = new ComponentLinker();
            linker.define("find", args -> {
                if (args[0].equals("none")) {
                    throw new ComponentException(404);
                }
                return "found " + args[0];
            });
            linker.define("check", args -> {
                if ((long) args[0] > 9) {
                    throw new ComponentException(null);
                }
                return null;
            });
            ComponentInstance instance = linker.instantiate(store, component);
            ComponentFunc find = instance.getFunc("find");
            assertEquals("found x", find.call("x"));
            assertEquals(404L, assertThrows(ComponentException.class, () -> find.call("none")).error());
            // An error is an answer: the instance goes on.
            assertEquals("found y", find.call("y"));
            ComponentFunc check = instance.getFunc("check");
            assertNull(check.call(9));
            assertNull(assertThrows(ComponentException.class, () -> check.call(10)).error());
        }
    }
}
