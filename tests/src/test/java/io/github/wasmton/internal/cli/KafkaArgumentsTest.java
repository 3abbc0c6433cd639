package io.github.wasmton.internal.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

import io.github.wasmton.Wasmton;
import io.github.wasmton.internal.kafka.KafkaSettings;

class KafkaArgumentsTest {
    private final KafkaArguments arguments = new KafkaArguments();

    @Test
    void settingsReachTheirClients() throws Exception {
        arguments.kafka.put("security.protocol", "SSL");
        arguments.consumer.put("fetch.min.bytes", "1");
        arguments.producer.put("linger.ms", "2");
        arguments.admin.put("retries", "3");
        KafkaSettings settings = arguments.settings(Map.of("streams", Map.of("commit.interval.ms", "4"),
                "decaton", Map.of("decaton.max.pending.records", "5")));
        assertEquals(Map.of("security.protocol", "SSL", "fetch.min.bytes", "1"), settings.forConsumer());
        assertEquals(Map.of("security.protocol", "SSL", "linger.ms", "2"), settings.forProducer());
        assertEquals(Map.of("security.protocol", "SSL", "retries", "3"), settings.forAdmin());
        assertEquals(Map.of("commit.interval.ms", "4"), settings.forEngine("streams"));
        assertEquals(Map.of("decaton.max.pending.records", "5"), settings.forEngine("decaton"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"fetch.min.byte", "auto.offset.rest", "linger.msec"})
    void rejectsAMisspelledName(String name) {
        arguments.kafka.put(name, "secret");
        BadInputException e = assertThrows(BadInputException.class, arguments::settings);
        assertTrue(e.getMessage().matches("--kafka: unknown setting " + name + "\\. Did you mean \\S+\\?"),
                e.getMessage());
    }

    @Test
    void rejectsOrReportsASettingOfAnotherClient() throws Exception {
        arguments.consumer.put("linger.ms", "1");
        assertEquals("--consumer: unknown setting linger.ms. It is handed on, for a class that may be plugged "
                + "in.", logged());
    }

    @Test
    void reportsAndPassesOnAnUnknownName() throws Exception {
        arguments.kafka.put("interceptor.level", "secret");
        assertEquals("--kafka: unknown setting interceptor.level. It is handed on, for a class that may be "
                + "plugged in.", logged());
        assertEquals(Map.of("interceptor.level", "secret"), arguments.settings().forProducer());
    }

    @Test
    void configProvidersOfKafkaSupplySecrets() throws Exception {
        arguments.kafka.put("config.providers", "file");
        arguments.kafka.put("config.providers.file.class",
                "org.apache.kafka.common.config.provider.FileConfigProvider");
        assertEquals("", logged());
        assertEquals(arguments.kafka, arguments.settings().forAdmin());
    }

    @ParameterizedTest
    @ValueSource(strings = {"--consumer group.id", "--producer acks", "--producer enable.idempotence",
        "--admin bootstrap.servers", "--streams application.id", "--streams processing.guarantee",
        "--decaton decaton.partition.concurrency", "--decaton decaton.deferred.complete.timeout.ms"})
    void rejectsSettingsThatBreakAPromise(String optionAndName) {
        String option = optionAndName.split(" ")[0];
        String name = optionAndName.split(" ")[1];
        EngineArguments engine = new EngineArguments();
        Map.of("--consumer", engine.clients.consumer, "--producer", engine.clients.producer, "--admin",
                engine.clients.admin, "--streams", engine.streams, "--decaton", engine.decaton).get(option)
                .put(name, "x");
        BadInputException e = assertThrows(BadInputException.class, engine::settings);
        assertTrue(e.getMessage().startsWith(option + " cannot set " + name + ": Wasmton sets that itself"),
                e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"producer.acks", "main.consumer.max.poll.interval.ms", "restore.consumer.isolation.level",
        "global.consumer.x", "admin.x", "consumer.isolation.level"})
    void settingsOfASingleClientHaveTheirOwnOption(String name) {
        EngineArguments engine = new EngineArguments();
        engine.streams.put(name, "x");
        BadInputException e = assertThrows(BadInputException.class, engine::settings);
        String client = name.replaceFirst("^(main|restore|global)[.]", "");
        assertEquals("--streams cannot set " + name + ", a setting of a single client. Use --"
                + client.replaceFirst("[.]", " ") + "=...", e.getMessage());
    }

    private String logged() throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger(KafkaArguments.class);
        ListAppender<ILoggingEvent> appender = new ListAppender<>();
        appender.start();
        logger.addAppender(appender);
        try {
            arguments.settings();
        } finally {
            logger.detachAppender(appender);
        }
        return String.join("\n", appender.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
    }
}
