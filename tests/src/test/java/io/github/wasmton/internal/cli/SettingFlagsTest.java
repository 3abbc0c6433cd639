package io.github.wasmton.internal.cli;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import io.github.wasmton.failure.FailureOptions;
import io.github.wasmton.guest.GuestLimits;
import io.github.wasmton.guest.NetworkAccess;
import io.github.wasmton.guest.OutputAccess;

class SettingFlagsTest {
    private static final Map<String, Class<?>> RECORDS = Map.of("NetworkAccess", NetworkAccess.class,
            "OutputAccess", OutputAccess.class, "GuestLimits", GuestLimits.class, "FailureOptions",
            FailureOptions.class);

    @Test
    void everySettingAndEveryOptionExists() {
        SettingFlags.ALL.forEach((setting, option) -> {
            String[] names = setting.split("\\.");
            assertTrue(Arrays.stream(RECORDS.get(names[0]).getRecordComponents())
                    .anyMatch(component -> component.getName().equals(names[1])), setting);
            assertNotNull(Commands.run().getCommandSpec().findOption(option), option);
        });
    }

    /** A limit, a list or a topic that a message of the library may name has an option. */
    @Test
    void everyGrantHasAnOption() {
        Stream.of(NetworkAccess.class).flatMap(type -> Arrays.stream(type.getRecordComponents())).forEach(component ->
                assertTrue(SettingFlags.ALL.containsKey("NetworkAccess." + component.getName()), component.getName()));
    }
}
