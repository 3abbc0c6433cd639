package com.linecorp.decaton.processor.metrics;

import io.micrometer.core.instrument.MeterRegistry;

public class Metrics {
    Metrics() {
    }

    public static void register(MeterRegistry registry) {
        throw new UnsupportedOperationException("signatures only");
    }
}
