package com.linecorp.decaton.processor.runtime;

import java.util.List;
import java.util.Properties;

import com.linecorp.decaton.processor.tracing.TracingProvider;

public class SubscriptionBuilder {
    final String subscriptionId;
    List<PropertySupplier> suppliers = List.of();
    Properties consumerConfig;
    ProcessorsBuilder<?> processorsBuilder;
    SubscriptionStateListener stateListener = state -> { };
    TracingProvider tracingProvider;
    RetryConfig retryConfig;

    SubscriptionBuilder(String subscriptionId) {
        this.subscriptionId = subscriptionId;
    }

    public static SubscriptionBuilder newBuilder(String subscriptionId) {
        return new SubscriptionBuilder(subscriptionId);
    }

    public SubscriptionBuilder properties(PropertySupplier... newSuppliers) {
        suppliers = List.of(newSuppliers);
        return this;
    }

    public SubscriptionBuilder consumerConfig(Properties newConsumerConfig) {
        consumerConfig = newConsumerConfig;
        return this;
    }

    public SubscriptionBuilder processorsBuilder(ProcessorsBuilder<?> newProcessorsBuilder) {
        processorsBuilder = newProcessorsBuilder;
        return this;
    }

    public SubscriptionBuilder stateListener(SubscriptionStateListener newStateListener) {
        stateListener = newStateListener;
        return this;
    }

    public SubscriptionBuilder subPartitionRuntime(SubPartitionRuntime subPartitionRuntime) {
        if (subPartitionRuntime != SubPartitionRuntime.THREAD_POOL) {
            throw new UnsupportedOperationException("this fake knows THREAD_POOL alone");
        }
        return this;
    }

    public SubscriptionBuilder enableTracing(TracingProvider newTracingProvider) {
        tracingProvider = newTracingProvider;
        return this;
    }

    public SubscriptionBuilder enableRetry(RetryConfig config) {
        retryConfig = config;
        return this;
    }

    <T> Property<T> property(PropertyDefinition<T> definition) {
        return suppliers.stream().flatMap(supplier -> supplier.getProperty(definition).stream()).findFirst()
                .orElseGet(() -> Property.ofStatic(definition, definition.byDefault));
    }

    public ProcessorSubscription build() {
        return new ProcessorSubscription(this);
    }

    public ProcessorSubscription buildAndStart() {
        ProcessorSubscription subscription = build();
        subscription.start();
        return subscription;
    }
}
