package io.github.wasmton.wasmtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class TrapCodeTest {
    @Test
    void codeIsFoundByItsName() {
        for (TrapCode code : TrapCode.values()) {
            assertEquals(code, TrapCode.of(code.name()));
        }
    }

    @Test
    void unknownNameIsOther() {
        assertEquals(TrapCode.OTHER, TrapCode.of("INVENTED_LATER"));
        assertEquals(TrapCode.OTHER, TrapCode.of(""));
    }
}
