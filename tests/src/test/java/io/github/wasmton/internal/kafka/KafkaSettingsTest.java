package io.github.wasmton.internal.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;

import org.junit.jupiter.api.Test;

class KafkaSettingsTest {
    @Test
    void clientsGetSettingsThatTheyOrNobodyKnow() {
        KafkaSettings settings = KafkaSettings.all(Map.of("security.protocol", "SSL", "max.poll.records", "1",
                "linger.ms", "2", "interceptor.level", "3"));
        assertEquals(Map.of("security.protocol", "SSL", "max.poll.records", "1", "interceptor.level", "3"),
                settings.forConsumer());
        assertEquals(Map.of("security.protocol", "SSL", "linger.ms", "2", "interceptor.level", "3"),
                settings.forProducer());
        assertEquals(Map.of("security.protocol", "SSL", "interceptor.level", "3"), settings.forAdmin());
    }

    @Test
    void ownSettingsOfAClientComeFirst() {
        Map<String, String> all = Map.of("client.id", "all");
        KafkaSettings settings = new KafkaSettings(all, Map.of("client.id", "consumer"), Map.of(),
                Map.of("client.id", "admin"), Map.of());
        assertEquals(Map.of("client.id", "consumer"), settings.forConsumer());
        assertEquals(Map.of("client.id", "all"), settings.forProducer());
        assertEquals(Map.of("client.id", "admin"), settings.forAdmin());
    }

    @Test
    void textHoldsNoValue() {
        Map<String, String> secret = Map.of("ssl.key.password", "hush");
        String text = new KafkaSettings(secret, secret, secret, secret, Map.of("streams", secret)).toString();
        assertTrue(text.contains("ssl.key.password"), text);
        assertFalse(text.contains("hush"), text);
    }
}
