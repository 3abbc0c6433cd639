package io.github.wasmton.internal.author;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttemptTextTest {
    @ParameterizedTest
    @CsvSource({"999, 0", "1234567, 1.234ms", "999999999, 999.999ms", "1752874123, 1.752s", "61000000001, 1m1s"})
    void timesHaveAtMostThreeDigitsBehindThePoint(long nanos, String text) {
        assertEquals(text.equals("0") ? "0s" : text, AttemptText.time(Duration.ofNanos(nanos)));
    }

    @Test
    void sizesHaveThreeDigits() {
        assertEquals("0B", AttemptText.size(0));
        assertEquals("812B", AttemptText.size(812));
        assertEquals("139KiB", AttemptText.size(142_000));
        assertEquals("1.06MiB", AttemptText.size(1088 << 10));
        assertEquals("2MiB", AttemptText.size(2 << 20));
        assertEquals("16.3MiB", AttemptText.size(17_104_896));
    }
}
