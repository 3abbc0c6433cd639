package io.github.wasmton.internal.engine.decaton;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;

/** Tests settings; only the real Decaton knows its properties, its signatures have none. */
class DecatonSettingsTest {
    @Test
    void textBecomesAValueOfThePropertysType() {
        assertEquals(5L, DecatonSettings.value(Long.class, "5"));
        assertEquals(-1, DecatonSettings.value(Integer.class, "-1"));
        assertEquals(true, DecatonSettings.value(Boolean.class, "true"));
        assertEquals(false, DecatonSettings.value(Boolean.class, "false"));
        assertEquals(List.of("a", "b c"), DecatonSettings.value(List.class, "a, b c,"));
        assertEquals("x", DecatonSettings.value(String.class, "x"));
    }

    @Test
    void refusesTextThatIsNoValue() {
        assertNull(DecatonSettings.value(Long.class, "5s"));
        assertNull(DecatonSettings.value(Integer.class, "5000000000"));
        assertNull(DecatonSettings.value(Boolean.class, "yes"));
        assertNull(DecatonSettings.value(Object.class, "x"));
    }

    @Test
    void rejectsFormatsWithoutEffect() {
        ConfigException e = assertThrows(ConfigException.class,
                () -> DecatonSettings.of(Map.of("decaton.legacy.parse.fallback.enabled", "true")));
        assertTrue(e.getMessage().startsWith("decaton.legacy.parse.fallback.enabled has no effect here"),
                e.getMessage());
    }

    @Test
    void namesAPropertyThatDecatonDoesNotKnow() {
        ConfigException e = assertThrows(ConfigException.class, () -> DecatonSettings.of(Map.of("decaton.x", "1")));
        assertTrue(e.getMessage().startsWith("Decaton knows no property decaton.x"), e.getMessage());
    }

    @Test
    void watchSetsNoAssignorWhereTheUserOrTheBrokerHasOne() {
        for (Map<String, String> given : List.of(Map.of("group.protocol", "consumer"),
                Map.of("partition.assignment.strategy", "x"))) {
            Map<Object, Object> settings = new HashMap<>(given);
            try (ConsumerWatch watch = new ConsumerWatch(null)) {
                watch.addTo(settings);
            }
            assertEquals(given.get("partition.assignment.strategy"), settings.get("partition.assignment.strategy"));
        }
    }

    @Test
    void watchKeepsTheUsersInterceptors() {
        Map<Object, Object> settings = new HashMap<>(Map.of("interceptor.classes", "a.B"));
        try (ConsumerWatch watch = new ConsumerWatch(null)) {
            watch.addTo(settings);
        }
        assertEquals("a.B," + ConsumerWatch.Reads.class.getName(), settings.get("interceptor.classes"));
    }
}
