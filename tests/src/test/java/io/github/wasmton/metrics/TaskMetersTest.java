package io.github.wasmton.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import io.github.wasmton.guest.Guest;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.internal.stats.TestCounters;
import io.github.wasmton.testing.Guests;
import io.github.wasmton.testing.TestGuests;
import io.github.wasmton.testing.Wasm;

/** Tests that each meter counts its own event and no other. */
class TaskMetersTest {
    private final TestCounters figures = new TestCounters();
    private final GuestModule module = Wasm.guest(Guests.TRAPS_AT_F, GuestOptions.DEFAULT);
    private final PrometheusMeterRegistry registry = bound(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));

    @AfterEach
    void close() {
        module.close();
    }

    @Test
    void tasksAreCountedByTheirEnd() {
        moves(figures::done, Map.of("wasmton_tasks_total{outcome=\"done\",topic=\"t\"}", 1.0,
                "wasmton_attempts_total{topic=\"t\"}", 1.0));
        moves(figures::deadLettered, Map.of("wasmton_tasks_total{outcome=\"dead_lettered\",topic=\"t\"}", 1.0));
        moves(figures::skipped, Map.of("wasmton_tasks_total{outcome=\"skipped\",topic=\"t\"}", 1.0));
        moves(figures::stopped, Map.of("wasmton_tasks_total{outcome=\"stopped\",topic=\"t\"}", 1.0));
    }

    @ParameterizedTest
    @EnumSource
    void failedAttemptsAreCountedByKind(Outcome.Kind kind) {
        moves(() -> figures.failed(kind), Map.of(
                "wasmton_failures_total{kind=\"" + kind.name().toLowerCase() + "\",topic=\"t\"}", 1.0,
                "wasmton_attempts_total{topic=\"t\"}", 1.0));
    }

    @Test
    void metersCountInstances() {
        moves(figures::instance, Map.of("wasmton_instances_made_total{topic=\"t\"}", 1.0));
        moves(figures::replaced, Map.of("wasmton_instances_replaced_total{topic=\"t\"}", 1.0));
    }

    @Test
    void metersCountBatches() {
        moves(() -> figures.batch(7), Map.of("wasmton_batches_total{topic=\"t\"}", 1.0,
                "wasmton_batch_tasks_total{topic=\"t\"}", 7.0));
        moves(figures::failedBatch, Map.of("wasmton_batch_failures_total{topic=\"t\"}", 1.0));
    }

    @Test
    void metersShowTasksInFlight() {
        moves(figures::guest, Map.of("wasmton_tasks_in_flight{topic=\"t\"}", 1.0));
        moves(figures::waiting, Map.of());
        moves(figures::idle, Map.of("wasmton_tasks_in_flight{topic=\"t\"}", -1.0));
    }

    @Test
    void metersShowTheMemoryOfGuests() {
        String memory = "wasmton_guest_memory_bytes{topic=\"t\"}";
        List<Guest> guests = new ArrayList<>();
        double pages = 32 * 65536.0;
        moves(() -> guests.add(module.instantiate()), Map.of(memory, pages));
        moves(() -> guests.add(module.instantiate()), Map.of(memory, pages));
        moves(() -> guests.forEach(Guest::close), Map.of(memory, -2 * pages));
    }

    @Test
    void metersShowWhatTheGuestCounts() {
        try (GuestModule counting = GuestModule.load(TestGuests.guest("probe-rust"), GuestOptions.DEFAULT);
                Guest guest = counting.instantiate()) {
            PrometheusMeterRegistry other = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
            new TaskMeters(figures.figures(), counting, Tags.of("topic", "t")).bindTo(other);
            assertFalse(other.scrape().contains("wasmton_guest_counts"));
            guest.process(TestGuests.task("count-up orders 2"));
            assertTrue(other.scrape().contains("\nwasmton_guest_counts_total{name=\"orders\",topic=\"t\"} 2.0\n"),
                    other.scrape());
        }
    }

    @Test
    void timeInTheGuestIsAHistogram() {
        Map<String, Double> before = scraped();
        figures.time(3_000_000, 2);
        Map<String, Double> after = scraped();
        assertEquals(0.006, after.get("wasmton_guest_time_seconds_sum{topic=\"t\"}"), 1e-9);
        assertEquals(2, after.get("wasmton_guest_time_seconds_count{topic=\"t\"}"));
        assertEquals(0, after.get("wasmton_guest_time_seconds_bucket{topic=\"t\",le=\"0.0025\"}"));
        assertEquals(2, after.get("wasmton_guest_time_seconds_bucket{topic=\"t\",le=\"0.005\"}"));
        assertEquals(2, after.get("wasmton_guest_time_seconds_bucket{topic=\"t\",le=\"+Inf\"}"));
        assertEquals(0, before.get("wasmton_guest_time_seconds_bucket{topic=\"t\",le=\"+Inf\"}"));
    }

    @Test
    void latencyIsAHistogram() {
        figures.latency(System.currentTimeMillis() - 100_000);
        Map<String, Double> after = scraped();
        assertEquals(1, after.get("wasmton_task_latency_seconds_count{topic=\"t\"}"));
        assertEquals(0, after.get("wasmton_task_latency_seconds_bucket{topic=\"t\",le=\"60.0\"}"));
        assertTrue(after.get("wasmton_task_latency_seconds_sum{topic=\"t\"}") >= 100);
    }

    @Test
    void otherRegistriesShowTheSame() {
        SimpleMeterRegistry other = bound(new SimpleMeterRegistry());
        figures.done();
        figures.failed(Outcome.Kind.TRAP);
        figures.time(3_000_000, 2);
        figures.guest();
        assertEquals(1, other.get("wasmton.tasks").tags("outcome", "done", "topic", "t").functionCounter().count());
        assertEquals(1, other.get("wasmton.failures").tag("kind", "trap").functionCounter().count());
        assertEquals(1, other.get("wasmton.tasks.in.flight").gauge().value());
        assertEquals(2, other.get("wasmton.guest.time").functionTimer().count());
        assertEquals(6, other.get("wasmton.guest.time").functionTimer().totalTime(TimeUnit.MILLISECONDS), 1e-6);
    }

    private <R extends MeterRegistry> R bound(R to) {
        new TaskMeters(figures.figures(), module, Tags.of("topic", "t")).bindTo(to);
        return to;
    }

    /** Asserts the changes of the named meters; all others stay. */
    private void moves(Runnable event, Map<String, Double> expected) {
        Map<String, Double> before = scraped();
        event.run();
        Map<String, Double> moved = new TreeMap<>();
        scraped().forEach((name, value) -> {
            if (value - before.get(name) != 0) {
                moved.put(name, value - before.get(name));
            }
        });
        assertEquals(new TreeMap<>(expected), moved);
    }

    private Map<String, Double> scraped() {
        return Arrays.stream(registry.scrape().split("\n")).filter(line -> !line.startsWith("#")).collect(
                Collectors.toMap(line -> line.substring(0, line.lastIndexOf(' ')),
                        line -> Double.valueOf(line.substring(line.lastIndexOf(' ') + 1))));
    }
}
