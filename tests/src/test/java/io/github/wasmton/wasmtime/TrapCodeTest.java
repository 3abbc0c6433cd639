package io.github.wasmton.wasmtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class TrapCodeTest {
    @Test
    void aCodeIsFoundByItsName() {
        for (TrapCode code : TrapCode.values()) {
            assertEquals(code, TrapCode.of(code.name()));
        }
    }

    @Test
    void aNameThatThisVersionDoesNotKnowIsOther() {
        assertEquals(TrapCode.OTHER, TrapCode.of("INVENTED_LATER"));
        assertEquals(TrapCode.OTHER, TrapCode.of(""));
    }
}
