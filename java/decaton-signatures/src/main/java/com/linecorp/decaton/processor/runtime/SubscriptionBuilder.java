package com.linecorp.decaton.processor.runtime;

import java.util.Properties;

import com.linecorp.decaton.processor.tracing.TracingProvider;

public class SubscriptionBuilder {
    SubscriptionBuilder() {
    }

    public static SubscriptionBuilder newBuilder(String subscriptionId) {
        throw new UnsupportedOperationException("signatures only");
    }

    public SubscriptionBuilder properties(PropertySupplier... suppliers) {
        throw new UnsupportedOperationException("signatures only");
    }

    public SubscriptionBuilder consumerConfig(Properties consumerConfig) {
        throw new UnsupportedOperationException("signatures only");
    }

    public SubscriptionBuilder processorsBuilder(ProcessorsBuilder<?> processorsBuilder) {
        throw new UnsupportedOperationException("signatures only");
    }

    public SubscriptionBuilder stateListener(SubscriptionStateListener stateListener) {
        throw new UnsupportedOperationException("signatures only");
    }

    public SubscriptionBuilder subPartitionRuntime(SubPartitionRuntime subPartitionRuntime) {
        throw new UnsupportedOperationException("signatures only");
    }

    public SubscriptionBuilder enableTracing(TracingProvider tracingProvider) {
        throw new UnsupportedOperationException("signatures only");
    }

    public ProcessorSubscription build() {
        throw new UnsupportedOperationException("signatures only");
    }

    public ProcessorSubscription buildAndStart() {
        throw new UnsupportedOperationException("signatures only");
    }
}
