package com.linecorp.decaton.processor.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;

/** The meters of all subscriptions; of Decaton's many this fake has one. */
public class Metrics {
    private static final CompositeMeterRegistry REGISTRY = new CompositeMeterRegistry();

    Metrics() {
    }

    public static void register(MeterRegistry registry) {
        REGISTRY.add(registry);
    }

    /** Counts a task whose processor returned. */
    public static void countProcessed(String subscriptionId, String topic, int partition) {
        Counter.builder("decaton.tasks.processed").tags("subscription", subscriptionId, "topic", topic, "partition",
                Integer.toString(partition)).register(REGISTRY).increment();
    }
}
