package io.github.wasmton.metrics;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.micrometer.core.instrument.Tag;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;

import io.github.wasmton.guest.GuestModule;

/** A guest's own counters in Prometheus's form. Their names are not known before the guest counts. */
final class PrometheusCounts implements Collector {
    private final WeakReference<GuestModule> module;
    private final Iterable<Tag> tags;

    PrometheusCounts(GuestModule module, Iterable<Tag> tags) {
        this.module = new WeakReference<>(module);
        this.tags = tags;
    }

    @Override
    public MetricSnapshot collect() {
        CounterSnapshot.Builder counters = CounterSnapshot.builder().name("wasmton_guest_counts")
                .help("What the guest itself counted, by the name of the counter");
        counts().forEach((name, sum) -> {
            List<String> names = new ArrayList<>(List.of("name"));
            List<String> values = new ArrayList<>(List.of(name));
            for (Tag tag : tags) {
                names.add(tag.getKey());
                values.add(tag.getValue());
            }
            counters.dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder().labels(Labels.of(names, values))
                    .value(sum).build());
        });
        return counters.build();
    }

    private Map<String, Long> counts() {
        GuestModule open = module.get();
        try {
            return open == null ? Map.of() : open.counts();
        } catch (IllegalStateException e) {
            return Map.of();  // closed
        }
    }
}
