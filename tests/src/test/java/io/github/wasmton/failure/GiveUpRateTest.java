package io.github.wasmton.failure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;

import org.junit.jupiter.api.Test;

import io.github.wasmton.failure.FailureOptions.Threshold;

class GiveUpRateTest {
    private long done;

    @Test
    void totalFailureStopsAtTheMinimum() {
        GiveUpRate window = window(Threshold.DEFAULT);
        assertEquals(19, failuresUntilTooMany(window, 0));
        assertTrue(window.isTooMany(), "it stays so");
    }

    @Test
    void goesOnBelowTheThreshold() {
        GiveUpRate window = window(Threshold.DEFAULT);
        for (int i = 0; i < 100_000; i++) {
            done += 9;  // and every tenth fails: 10 %, not more
            assertFalse(window.isTooMany(), "at failure " + i);
        }
    }

    @Test
    void stopsAboveTheThreshold() {
        assertEquals(19, failuresUntilTooMany(window(Threshold.DEFAULT), 8), "one of nine");
    }

    @Test
    void oldSuccessesDoNotRaiseTheThreshold() {
        GiveUpRate window = window(Threshold.DEFAULT);
        done = 10_000_000;
        assertEquals(100, failuresUntilTooMany(window, 0));
    }

    @Test
    void oldFailuresAreForgotten() {
        GiveUpRate window = window(Threshold.DEFAULT);
        done = 10_000;
        for (int i = 0; i < 100; i++) {
            assertFalse(window.isTooMany());
        }
        done += 1_000;
        assertEquals(100, failuresUntilTooMany(window, 0));
    }

    @Test
    void aRatioOfOneNeverStops() {
        GiveUpRate window = window(new Threshold(1, 1_000, 1));
        for (int i = 0; i < 10_000; i++) {
            assertFalse(window.isTooMany());
        }
    }

    @Test
    void resultEqualsACountOfEachTask() {
        Random random = new Random(7);
        for (int round = 0; round < 200; round++) {
            Threshold threshold = new Threshold(0.05 + random.nextDouble() / 2, 1 + random.nextInt(60),
                    1 + random.nextInt(10));
            done = 0;
            GiveUpRate window = window(threshold);
            boolean[] tasks = new boolean[2_000];
            for (int i = 0; i < tasks.length; i++) {
                tasks[i] = random.nextInt(4) == 0;
                if (!tasks[i]) {
                    done++;
                    continue;
                }
                int seen = Math.min(i + 1, threshold.window());
                int failed = 0;
                for (int j = i - seen + 1; j <= i; j++) {
                    failed += tasks[j] ? 1 : 0;
                }
                boolean expected = failed >= threshold.minimum() && failed > threshold.ratio() * seen;
                assertEquals(expected, window.isTooMany(), threshold + " at " + i);
                if (expected) {
                    break;  // where everything stops
                }
            }
        }
    }

    private GiveUpRate window(Threshold threshold) {
        return new GiveUpRate(threshold, () -> done);
    }

    private int failuresUntilTooMany(GiveUpRate window, int doneBetween) {
        for (int failures = 0; failures < 1_000_000; failures++) {
            done += doneBetween;
            if (window.isTooMany()) {
                return failures;
            }
        }
        throw new AssertionError("never too many");
    }
}
