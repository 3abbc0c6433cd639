package io.github.wasmton.metrics;

import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.Outcome;

/**
 * Meters of a guest's tasks, for any Micrometer registry; docs/operations.md lists them. The registry reads the counts
 * when it is read itself, so meters add no cost to a task. Durations are histograms on a Prometheus registry, and a
 * count and a sum on any other. The guest's own counters are on a Prometheus registry alone, because their names
 * are not known before they are counted; {@link GuestModule#counts} has them for any other.
 */
public final class TaskMeters implements MeterBinder {
    private final TaskStats stats;
    private final GuestModule module;
    private final Tags tags;

    /**
     * Makes meters of these counts and of that module's guests.
     *
     * @param stats  from {@code WasmtonRuntime.stats()}; meters hold it weakly
     * @param module meters hold it weakly
     * @param tags   added to each meter
     */
    public TaskMeters(TaskStats stats, GuestModule module, Iterable<Tag> tags) {
        this.stats = stats;
        this.module = module;
        this.tags = Tags.of(tags);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        tasks(registry, "done", TaskStats::done);
        tasks(registry, "dead_lettered", TaskStats::deadLettered);
        tasks(registry, "skipped", TaskStats::skipped);
        tasks(registry, "stopped", TaskStats::stopped);
        counter(registry, "wasmton.attempts", "Times that a task was given to a guest", tags, TaskStats::attempts);
        for (Outcome.Kind kind : Outcome.Kind.values()) {
            counter(registry, "wasmton.failures", "Attempts that failed, by how",
                    tags.and("kind", kind.name().toLowerCase(Locale.ROOT)), counted -> counted.failures(kind));
        }
        counter(registry, "wasmton.instances.made", "Instances of the guest that were made", tags,
                TaskStats::instances);
        counter(registry, "wasmton.instances.replaced", "Instances that were dropped because of a failure", tags,
                TaskStats::replaced);
        counter(registry, "wasmton.batches", "Batches that the guest got", tags, TaskStats::batches);
        counter(registry, "wasmton.batch.tasks", "Tasks in these batches", tags, TaskStats::batchedTasks);
        counter(registry, "wasmton.batch.failures", "Batches that failed as a whole", tags, TaskStats::failedBatches);
        Gauge.builder("wasmton.tasks.in.flight", stats, TaskStats::inFlight)
                .description("Tasks that were taken and are not settled").tags(tags).register(registry);
        Gauge.builder("wasmton.guest.memory", module, GuestModule::memoryInUse).baseUnit(BaseUnits.BYTES)
                .description("Linear memory of all instances together").tags(tags).register(registry);
        Gauge.builder("wasmton.guest.host.memory", module, GuestModule::hostMemoryInUse).baseUnit(BaseUnits.BYTES)
                .description("Memory of the host that all instances make it hold").tags(tags).register(registry);
        if (registry instanceof PrometheusMeterRegistry prometheus) {
            prometheus.getPrometheusRegistry().register(new PrometheusCounts(module, tags));
        }
        durations(registry, "wasmton.guest.time", "Time of an attempt in the guest", stats.timeInGuest());
        durations(registry, "wasmton.task.latency", "Time from a record's timestamp to the end of its task",
                stats.latency());
    }

    private void tasks(MeterRegistry registry, String outcome, ToDoubleFunction<TaskStats> count) {
        counter(registry, "wasmton.tasks", "Tasks that ended, by where", tags.and("outcome", outcome), count);
    }

    private void counter(MeterRegistry registry, String name, String description, Tags all,
            ToDoubleFunction<TaskStats> count) {
        FunctionCounter.builder(name, stats, count).description(description).tags(all).register(registry);
    }

    private void durations(MeterRegistry registry, String name, String description, TaskStats.Durations durations) {
        if (registry instanceof PrometheusMeterRegistry prometheus) {
            prometheus.getPrometheusRegistry().register(new PrometheusHistogram(name, description, tags, durations));
        } else {
            FunctionTimer.builder(name, durations, TaskStats.Durations::count, TaskStats.Durations::totalNanos,
                    TimeUnit.NANOSECONDS).description(description).tags(tags).register(registry);
        }
    }
}
