package io.github.wasmton.wasmtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import io.github.wasmton.wasmtime.component.Component;
import io.github.wasmton.wasmtime.component.ComponentLinker;

/** Tests an interface of a user's, which is not public and not in the package of the components. */
class ComponentInterfaceTest {
    private static final String ADDER = """
            (component
              (core module $Code
                (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
              (core instance $code (instantiate $Code))
              (func (export "add") (param "a" s32) (param "b" s32) (result s32) (canon lift (core func $code "add"))))
            """;

    interface Twice {
        int add(int a, int b);

        default int twice(int a) {
            return add(a, a);
        }
    }

    interface Adder extends Twice {
        default int thrice(int a) {
            return add(a, twice(a));
        }
    }

    @Test
    void defaultMethodsNeedNoPublicInterface() {
        try (Engine engine = new Engine();
                Component component = Component.fromWat(engine, ADDER);
                Store store = new Store(engine)) {
            Adder adder = new ComponentLinker().instantiate(store, component, Adder.class);
            assertEquals(14, adder.twice(7));
            assertEquals(21, adder.thrice(7));
        }
    }
}
