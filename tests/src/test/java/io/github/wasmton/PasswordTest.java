package io.github.wasmton;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.Guests;
import io.github.wasmton.testing.OnThread;
import io.github.wasmton.testing.TestKafka;

/** A password works and appears in no output and in no log, even at the most detailed log level. */
class PasswordTest {
    private static final String HUSH = "hush";
    /** Loggers that have their own level in the tests' log, or write to it. */
    private static final List<String> LOGGERS = List.of("org.apache.kafka", "org.apache.kafka.streams",
            "org.apache.kafka.clients.NetworkClient", "org.apache.kafka.clients.consumer.internals.OffsetFetcherUtils",
            "io.github.wasmton");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Map<String, Level> levels = new HashMap<>();
    private final AtomicLong lines = new AtomicLong();
    private final Queue<String> leaks = new ConcurrentLinkedQueue<>();
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            lines.incrementAndGet();
            String text = event.getFormattedMessage()
                    + (event.getThrowableProxy() == null ? "" : ThrowableProxyUtil.asString(event.getThrowableProxy()));
            if (text.contains(HUSH)) {
                leaks.add(event.getLoggerName() + ": " + text);
            }
        }
    };
    @TempDir
    Path directory;

    @BeforeEach
    void logEverything() {
        TestKafka.bootstrapServers();  // whose own start is not what is tested
        appender.start();
        for (String name : LOGGERS) {
            Logger logger = (Logger) LoggerFactory.getLogger(name);
            levels.put(name, logger.getLevel());
            logger.setLevel(Level.TRACE);
            logger.setAdditive(false);
            logger.addAppender(appender);
        }
    }

    @AfterEach
    void logAsBefore() {
        for (String name : LOGGERS) {
            Logger logger = (Logger) LoggerFactory.getLogger(name);
            logger.detachAppender(appender);
            logger.setAdditive(true);
            logger.setLevel(levels.get(name));
        }
    }

    @Test
    void clientLogsInAndProcessesATask() throws Exception {
        aTaskIsProcessed(login(TestKafka.PASSWORD));
    }

    @Test
    void configProviderOfKafkaSuppliesThePassword() throws Exception {
        Path secrets = Files.writeString(directory.resolve("secrets"),
                "login=" + module() + " password=\"" + TestKafka.PASSWORD + "\";");
        aTaskIsProcessed(Files.writeString(directory.resolve("provided.properties"), """
                kafka.security.protocol = SASL_PLAINTEXT
                kafka.sasl.mechanism = PLAIN
                kafka.config.providers = file
                kafka.config.providers.file.class = org.apache.kafka.common.config.provider.FileConfigProvider
                kafka.sasl.jaas.config = ${file:%s:login}
                """.formatted(secrets)).toString());
    }

    private void aTaskIsProcessed(String configFile) throws Exception {
        String topic = TestKafka.newTopic(1);
        TestKafka.send(topic, 0, "task");
        Wasmton wasmton = new Wasmton(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), Map.of(
                "WASMTON_METRICS_PORT", "0", "WASMTON_ENV_TOKEN", HUSH, "WASMTON_GUEST_CONFIG_secret", HUSH));
        OnThread run = OnThread.start("wasmton", () -> assertEquals(Wasmton.OK,
                wasmton.run("--config-file", configFile, TestKafka.serversWithLogin(), topic, guest())));
        try {
            Await.until("the task to be committed", () -> err.size() > 0
                    || TestKafka.committed("wasmton-" + topic, topic).equals(Map.of(0, 1L)));
        } finally {
            wasmton.stop();
        }
        run.join();
        nothingLeaked();
    }

    @Test
    void reportsAWrongPasswordWithoutShowingIt() throws Exception {
        String topic = TestKafka.newTopic(1);
        String said = refused("--config-file", login("hush-wrong"), TestKafka.serversWithLogin(), topic, guest());
        assertTrue(said.contains("Authentication failed"), said);
    }

    @Test
    void reportsAMalformedLoginWithoutShowingIt() throws Exception {
        String said = refused("--kafka", "security.protocol=SASL_PLAINTEXT", "--kafka", "sasl.mechanism=PLAIN",
                "--kafka", "sasl.jaas.config=" + module() + " password=hush hush-word;", "--stacktrace",
                TestKafka.serversWithLogin(), TestKafka.newTopic(1), guest());
        assertTrue(said.startsWith("Kafka's client does not accept the settings: "), said);
    }

    private String refused(String... args) {
        Wasmton wasmton = new Wasmton(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), Map.of());
        assertEquals(Wasmton.BAD_INPUT, wasmton.run(args));
        nothingLeaked();
        return err.toString(UTF_8);
    }

    private void nothingLeaked() {
        assertFalse((out.toString(UTF_8) + err.toString(UTF_8)).contains(HUSH), out.toString(UTF_8) + err);
        assertEquals(List.of(), List.copyOf(leaks));
        assertTrue(lines.get() > 50, lines + " lines of the log were looked at");
    }

    private String login(String password) throws Exception {
        return Files.writeString(directory.resolve("login.properties"), """
                kafka.security.protocol = SASL_PLAINTEXT
                kafka.sasl.mechanism = PLAIN
                kafka.sasl.jaas.config = %s password="%s";
                """.formatted(module(), password)).toString();
    }

    private static String module() {
        return "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"wasmton\"";
    }

    private String guest() throws Exception {
        return Files.writeString(directory.resolve("guest.wat"), Guests.TRAPS_AT_F).toString();
    }
}
