package io.github.wasmton.internal.monitoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.time.Duration;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.github.wasmton.internal.stats.TestCounters;

class HealthTest {
    private final FakeEngine engine = new FakeEngine();
    private final TestCounters figures = new TestCounters();
    private long now = Long.MAX_VALUE - 5_000_000_000L;  // which overflows, as a clock of nanoseconds may
    private final Health health = new Health(() -> now);

    @BeforeEach
    void watch() {
        health.watch(engine, figures.figures(), Duration.ofSeconds(20));
    }

    @Test
    void startIsHealthyButUnready() {
        Health start = new Health(() -> now);
        start.starting("compiling the guest");
        start.look();
        assertNull(start.trouble());
        assertEquals("starting: compiling the guest", start.state());
        assertEquals("starting: compiling the guest", start.notReady());
    }

    @Test
    void isReadyWhenTheEngineIs() {
        assertNotNull(health.notReady());
        assertNull(health.trouble());
        engine.ready = true;
        assertNull(health.notReady());
    }

    @Test
    void reportsAnEngineThatEnded() {
        engine.ready = true;
        engine.ended.complete("a task failed");
        assertEquals("stopped: a task failed", health.trouble());
        assertNotNull(health.notReady());
    }

    @Test
    void reportsAGuestThatDoesNotComeBack() {
        engine.ready = true;
        figures.guest();
        health.look();
        pass(20);
        assertNull(health.trouble());
        pass(1);
        assertEquals("stuck: a guest has not come back for 21s; at most 20s were expected", health.trouble());
        assertNotNull(health.notReady());
        figures.idle();
        health.look();
        assertNull(health.trouble(), "it came back");
    }

    @Test
    void successiveTasksAreNoTrouble() {
        for (int i = 0; i < 100; i++) {
            figures.guest();
            pass(5);
            assertNull(health.trouble());
            figures.idle();
        }
    }

    @Test
    void waitsBetweenAttemptsAreNoTrouble() {
        figures.waiting();
        health.look();
        pass(1_000);
        assertNull(health.trouble());
        figures.idle();
        health.look();
        pass(1_000);
        assertNull(health.trouble());
    }

    private void pass(int seconds) {
        now += seconds * 1_000_000_000L;
        health.look();
    }
}
