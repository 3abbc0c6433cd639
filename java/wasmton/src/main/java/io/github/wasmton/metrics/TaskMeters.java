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
import io.github.wasmton.internal.monitoring.PrometheusHistogram;
import io.github.wasmton.internal.stats.DurationHistogram;
import io.github.wasmton.internal.stats.TaskCounters;

/**
 * Shows what was counted, as meters of any registry of micrometer's; docs/operations.md lists them. They are read when
 * the registry is: counting costs a task the same with and without them. Durations are histograms on a registry for
 * Prometheus itself, and count and sum on any other.
 */
public final class TaskMeters implements MeterBinder {
    private final TaskCounters figures;
    private final GuestModule module;
    private final Tags tags;

    /** Meters of these figures and of the guests of that module, each with these tags. It keeps neither alive. */
    public TaskMeters(TaskCounters figures, GuestModule module, Iterable<Tag> tags) {
        this.figures = figures;
        this.module = module;
        this.tags = Tags.of(tags);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        tasks(registry, "done", TaskCounters::done);
        tasks(registry, "dead_lettered", TaskCounters::deadLettered);
        tasks(registry, "skipped", TaskCounters::skipped);
        tasks(registry, "stopped", TaskCounters::stopped);
        counter(registry, "wasmton.attempts", "Times that a task was given to a guest", tags, TaskCounters::attempts);
        for (Outcome.Kind kind : Outcome.Kind.values()) {
            counter(registry, "wasmton.failures", "Attempts that failed, by how",
                    tags.and("kind", kind.name().toLowerCase(Locale.ROOT)), counted -> counted.failures(kind));
        }
        counter(registry, "wasmton.instances.made", "Instances of the guest that were made", tags, TaskCounters::instances);
        counter(registry, "wasmton.instances.replaced", "Instances that were dropped because of a failure", tags,
                TaskCounters::replaced);
        Gauge.builder("wasmton.tasks.in.flight", figures, TaskCounters::inFlight)
                .description("Tasks that were taken and are not settled").tags(tags).register(registry);
        Gauge.builder("wasmton.guest.memory", module, GuestModule::memoryInUse).baseUnit(BaseUnits.BYTES)
                .description("Linear memory of all instances together").tags(tags).register(registry);
        durations(registry, "wasmton.guest.time", "Time of an attempt in the guest", figures.timeInGuest());
        durations(registry, "wasmton.task.latency", "Time from a record's timestamp to the end of its task",
                figures.latency());
    }

    private void tasks(MeterRegistry registry, String outcome, ToDoubleFunction<TaskCounters> count) {
        counter(registry, "wasmton.tasks", "Tasks that ended, by where", tags.and("outcome", outcome), count);
    }

    private void counter(MeterRegistry registry, String name, String description, Tags all,
            ToDoubleFunction<TaskCounters> count) {
        FunctionCounter.builder(name, figures, count).description(description).tags(all).register(registry);
    }

    private void durations(MeterRegistry registry, String name, String description, DurationHistogram durations) {
        if (registry instanceof PrometheusMeterRegistry prometheus) {
            prometheus.getPrometheusRegistry().register(new PrometheusHistogram(name, description, tags, durations));
        } else {
            FunctionTimer.builder(name, durations, DurationHistogram::count, DurationHistogram::totalNanos, TimeUnit.NANOSECONDS)
                    .description(description).tags(tags).register(registry);
        }
    }
}
