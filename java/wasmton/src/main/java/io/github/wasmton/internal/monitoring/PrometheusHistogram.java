package io.github.wasmton.internal.monitoring;

import java.util.ArrayList;
import java.util.List;

import io.micrometer.core.instrument.Tag;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;

import io.github.wasmton.internal.stats.DurationHistogram;

/** Shows durations that were counted as a histogram of Prometheus's, which no meter of micrometer's can take over. */
public final class PrometheusHistogram implements Collector {
    private static final double SECOND = 1e9;

    private final String name;
    private final String description;
    private final Labels labels;
    private final DurationHistogram durations;

    public PrometheusHistogram(String name, String description, Iterable<Tag> tags, DurationHistogram durations) {
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
        long[] bounds = DurationHistogram.boundsInNanos();
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
