package io.github.wasmton.internal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;

import org.junit.jupiter.api.Test;

import io.github.wasmton.internal.kafka.KafkaSettings;

class EngineConfigTest {
    @Test
    void theDefaultsReadFromTheOldestRecordAndOnlyWhatIsCommitted() {
        assertEquals(Map.of("bootstrap.servers", "server:1", "auto.offset.reset", "earliest", "isolation.level",
                "read_committed", "allow.auto.create.topics", "false"), config(1, Map.of()).consumerSettings());
    }

    @Test
    void givenSettingsComeBeforeTheDefaults() {
        Map<String, String> settings = Map.of("auto.offset.reset", "latest", "fetch.min.bytes", "1", "isolation.level",
                "read_uncommitted", "allow.auto.create.topics", "true");
        Map<String, String> all = new HashMap<>(settings);
        all.put("bootstrap.servers", "server:1");
        assertEquals(all, config(1, settings).consumerSettings());
    }

    @Test
    void textHoldsNoSecret() {
        String text = config(1, Map.of("ssl.key.password", "secret")).toString();
        assertTrue(text.contains("ssl.key.password"), text);
        assertFalse(text.contains("secret"), text);
    }

    @Test
    void rejectsZeroThreads() {
        assertThrows(IllegalArgumentException.class, () -> config(0, Map.of()));
    }

    private static EngineConfig config(int threads, Map<String, String> kafka) {
        return new EngineConfig("server:1", "topic", "group", threads, KafkaSettings.all(kafka), () -> {
            throw new AssertionError("nobody asked for a processor");
        });
    }
}
