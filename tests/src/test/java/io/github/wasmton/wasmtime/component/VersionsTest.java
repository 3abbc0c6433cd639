package io.github.wasmton.wasmtime.component;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;

import org.junit.jupiter.api.Test;

class VersionsTest {
    @Test
    void aCompatibleVersionIsFound() {
        assertEquals("a:b/c@1.4.0", Versions.find("a:b/c@1.0.0", List.of("a:b/c@2.0.0", "a:b/c@1.4.0")));
        assertEquals("a:b/c@0.2.9", Versions.find("a:b/c@0.2.0", List.of("a:b/c@0.3.0", "a:b/c@0.2.9")));
        assertEquals("a:b/c@1.0.0", Versions.find("a:b/c@1.0.0", List.of("a:b/c@1.4.0", "a:b/c@1.0.0")));
    }

    @Test
    void anotherVersionIsNotFound() {
        for (String other : List.of("a:b/c@2.0.0", "a:b/c", "a:b/d@1.0.0", "a:b/c@1.0.0-rc1", "")) {
            assertEquals("a:b/c@1.0.0", Versions.find("a:b/c@1.0.0", List.of(other)));
        }
        assertEquals("a:b/c@0.0.1", Versions.find("a:b/c@0.0.1", List.of("a:b/c@0.0.2")));
        assertEquals("a:b/c@0.2.0-rc", Versions.find("a:b/c@0.2.0-rc", List.of("a:b/c@0.2.0")));
    }
}
