package io.github.wasmton.metrics;

import java.util.ArrayList;
import java.util.List;

import io.micrometer.core.instrument.Tag;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;

/** A histogram of counted durations in Prometheus's own form: no Micrometer meter takes counts over. */
final class PrometheusHistogram implements Collector {
    private static final double SECOND = 1e9;

    private final String name;
    private final String description;
    private final Labels labels;
    private final TaskStats.Durations durations;

    PrometheusHistogram(String name, String description, Iterable<Tag> tags, TaskStats.Durations durations) {
        this.name = name.replace('.', '_') + "_seconds";
        this.description = description;
        this.durations = durations;
        List<String> names = new ArrayList<>();
        List<String> values = new ArrayList<>();
        for (Tag tag : tags) {
            names.add(tag.getKey());
            values.add(tag.getValue());
        }
        labels = Labels.of(names, values);
    }

    @Override
    public MetricSnapshot collect() {
        long[] bounds = durations.boundsInNanos();
        long[] counts = durations.counts();
        ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
        for (int i = 0; i < counts.length; i++) {
            buckets.bucket(i < bounds.length ? bounds[i] / SECOND : Double.POSITIVE_INFINITY, counts[i]);
        }
        HistogramSnapshot.HistogramDataPointSnapshot.Builder point = HistogramSnapshot.HistogramDataPointSnapshot
                .builder().classicHistogramBuckets(buckets.build());
        point.sum(durations.totalNanos() / SECOND).labels(labels);
        return HistogramSnapshot.builder().name(name).help(description).dataPoint(point.build()).build();
    }
}
