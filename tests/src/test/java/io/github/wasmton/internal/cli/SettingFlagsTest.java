package io.github.wasmton.internal.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import ch.qos.logback.classic.Level;
import io.github.wasmton.failure.FailureOptions;
import io.github.wasmton.guest.GuestLimits;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.OutputAccess;
import io.github.wasmton.guest.StateAccess;
import io.github.wasmton.testing.LogCapture;
import io.github.wasmton.testing.TestGuests;
import io.github.wasmton.testing.TestKafka;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;

class SettingFlagsTest {
    private static final Map<String, Class<?>> CLASSES = Map.of("NetworkAccess", NetworkAccess.class,
            "OutputAccess", OutputAccess.class, "GuestLimits", GuestLimits.class, "FailureOptions",
            FailureOptions.class, "GuestModule", GuestModule.class, "StateAccess", StateAccess.class);

    @Test
    void everySettingAndEveryOptionExists() {
        SettingFlags.ALL.forEach((setting, option) -> {
            String[] names = setting.split("\\.");
            assertTrue(Arrays.stream(CLASSES.get(names[0]).getMethods())
                    .anyMatch(method -> method.getName().equals(names[1])), setting);
            assertNotNull(Commands.run().getCommandSpec().findOption(option), option);
        });
    }

    /** Users of the program read its options: in the log, in the reason of a stop and after it. */
    @Test
    void theProgramsMessagesNameItsOptions() {
        String topic = TestKafka.newTopic(1);
        TestKafka.send(topic, 0, "127.0.0.1:1");
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Cli cli = new Cli(new PrintStream(new ByteArrayOutputStream(), true, UTF_8), new PrintStream(err, true, UTF_8),
                Map.of("WASMTON_METRICS_PORT", "none"));
        try (LogCapture log = new LogCapture("io.github.wasmton.guest.log", Level.WARN)) {
            assertEquals(ExitCode.FAILED, cli.run("--attempts", "1", TestKafka.bootstrapServers(), topic,
                    TestGuests.guest("ask").toString()));
            assertEquals(List.of("WARN " + topic + "-0@0: a connection to 127.0.0.1:1 was denied; "
                    + "--allow-net 127.0.0.1:1 would allow it"), log.lines());
        }
        assertTrue(err.toString(UTF_8).contains("there is no dead-letter topic (--dead-letter-topic)"),
                err.toString(UTF_8));
    }

    /** A limit, a list or a topic that a message of the library may name has an option. */
    @Test
    void everyGrantHasAnOption() {
        Stream.of(NetworkAccess.class).flatMap(type -> Arrays.stream(type.getRecordComponents())).forEach(component ->
                assertTrue(SettingFlags.ALL.containsKey("NetworkAccess." + component.getName()), component.getName()));
    }
}
