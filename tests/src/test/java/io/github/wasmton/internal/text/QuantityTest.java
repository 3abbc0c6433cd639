package io.github.wasmton.internal.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantityTest {
    @ParameterizedTest
    @CsvSource({"200,200ms", "1500,1.5s", "10000,10s", "60000,1m", "90000,1m30s", "3600000,1h", "0,0s"})
    void writesTimesWithUnits(long millis, String text) {
        assertEquals(text, Quantity.time(Duration.ofMillis(millis)));
    }

    @ParameterizedTest
    @CsvSource({"0,0", "1000,1000", "65536,64KiB", "134217728,128MiB", "1073741824,1GiB", "1025,1025",
        "1099511627776,1024GiB"})
    void writesSizesInTheLargestWholeUnit(long bytes, String text) {
        assertEquals(text, Quantity.size(bytes));
    }

    @ParameterizedTest
    @CsvSource({"0.1,10%", "0.005,0.5%", "1,100%", "0,0%"})
    void writesRatiosAsPercentages(double ratio, String text) {
        assertEquals(text, Quantity.percent(ratio));
    }

    @Test
    void readsWhatItWrites() {
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            Duration time = Duration.ofNanos(1 + (random.nextLong() >>> 1 + random.nextInt(60)));
            assertEquals(time, Quantity.parseTime(Quantity.time(time)), time.toString());
            long bytes = random.nextLong() >>> 25 + random.nextInt(38);
            assertEquals(bytes, Quantity.parseSize(Quantity.size(bytes)));
            double ratio = random.nextInt(100_000) / 100_000.0;
            assertEquals(ratio, Quantity.parsePercent(Quantity.percent(ratio)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"10", "0s", "-1s", "soon", "", "s", "ms", "99999999999999999999ms"})
    void rejectsAnythingButATimeAboveZero(String text) {
        assertThrows(IllegalArgumentException.class, () -> Quantity.parseTime(text));
    }
}
