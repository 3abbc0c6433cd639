package io.github.wasmton.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

import org.junit.jupiter.api.Test;

class StateAccessTest {
    @Test
    void storesComeBeforeTables() {
        StateAccess access = StateAccess.of("counts", "seen").withTables(List.of("users"));
        assertEquals(List.of("counts", "seen", "users"), access.names());
        assertTrue(access.any());
        assertTrue(StateAccess.of().withTables(List.of("users")).any());
        assertFalse(StateAccess.NONE.any());
    }

    @Test
    void rejectsANameThatIsEmptyOrThereTwice() {
        assertThrows(IllegalArgumentException.class, () -> StateAccess.of("counts", ""));
        assertThrows(IllegalArgumentException.class, () -> StateAccess.of("counts", "counts"));
        assertThrows(IllegalArgumentException.class, () -> StateAccess.of("users").withTables(List.of("users")));
    }

    @Test
    void rejectsLimitsThatAllowNothing() {
        assertEquals("a task may make at least one call into its stores, not 0 (StateAccess.taskOperations)",
                assertThrows(IllegalArgumentException.class, () ->
                        StateAccess.of("counts").withTaskOperations(0)).getMessage());
        assertEquals("a task may exchange at least one byte with its stores, not 0 (StateAccess.taskBytes)",
                assertThrows(IllegalArgumentException.class, () ->
                        StateAccess.of("counts").withTaskBytes(0)).getMessage());
    }
}
