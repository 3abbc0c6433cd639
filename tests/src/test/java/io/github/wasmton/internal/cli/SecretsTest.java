package io.github.wasmton.internal.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsTest {
    @ParameterizedTest
    @ValueSource(strings = {"kafka.sasl.jaas.config", "ssl.keystore.key", "env.API_KEY", "env.DB_PASSWORD",
        "env.GITHUB_TOKEN", "guest-config.client_secret", "kafka.basic.auth.user.info", "env.AWS_SECRET_ACCESS_KEY"})
    void nameIdentifiesASecret(String name) {
        assertTrue(Secrets.isSecret(name), name);
        assertEquals("****", Secrets.mask(name, "value"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"topic", "kafka.key.deserializer", "kafka.ssl.keystore.location", "kafka.sasl.mechanism",
        "env.MONKEY", "deadline", "kafka.security.protocol"})
    void otherNamesAreNoSecrets(String name) {
        assertFalse(Secrets.isSecret(name), name);
        assertEquals("value", Secrets.mask(name, "value"));
    }

    @Test
    void everyPasswordOfKafkaIsASecret() {
        for (ConfigDef definition : List.of(ConsumerConfig.configDef(), ProducerConfig.configDef(),
                AdminClientConfig.configDef())) {
            definition.configKeys().values().stream().filter(key -> key.type == ConfigDef.Type.PASSWORD)
                    .filter(key -> !key.name.equals("ssl.keystore.certificate.chain"))   // both are public, and long
                    .filter(key -> !key.name.equals("ssl.truststore.certificates"))
                    .forEach(key -> assertTrue(Secrets.isSecret(key.name), key.name));
        }
    }

    @Test
    void addressHidesItsPassword() {
        assertEquals("https://****@host/x, https://other", Secrets.mask("guest-config.url",
                "https://user:pass@host/x, https://other"));
    }

    @Test
    void textHidesSecretsAndTheirParts() {
        Secrets secrets = new Secrets(List.of("abc", "top-secret",
                "org.x.PlainLoginModule required username=\"carl\" password=\"with space\";"));
        assertEquals("Invalid **** for ssl.key.password, at '****': required, abc",
                secrets.mask("Invalid top-secret for ssl.key.password, at 'space': required, abc"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"env.DB_PASS", "env.PGPASS", "env.DB_PWD", "env.REDIS_AUTH", "env.AWS_ACCESS_KEY_ID",
        "env.AWS_SESSION", "env.COOKIE", "env.BEARER", "env.PIN", "env.SALT", "env.SIGNATURE", "env.SAS", "env.DSN",
        "guest-config.api-pass", "guest-config.passcode"})
    void shortNameIdentifiesASecret(String name) {
        assertTrue(Secrets.isSecret(name), name);
    }

    @Test
    void valuesHideSecretsOfConnections() {
        assertEquals("****@tcp(db)/x", Secrets.mask("env.DB", "user:pw@tcp(db)/x"));
        assertEquals("Server=x;Uid=u;Pwd=****;", Secrets.mask("env.ODBC", "Server=x;Uid=u;Pwd=abc;"));
        assertEquals("https://h/x?api_key=****&page=2&token=****",
                Secrets.mask("env.URL", "https://h/x?api_key=abc&page=2&token=def"));
        for (String harmless : List.of("localhost:9092,other:9092", "a=b, c=d", "10s", "/etc/x@y")) {
            assertEquals(harmless, Secrets.mask("topic", harmless));
        }
    }
}
