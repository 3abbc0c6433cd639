package com.linecorp.decaton.processor.runtime;

import java.util.List;

public class ProcessorProperties {
    public static final PropertyDefinition<Integer> CONFIG_PARTITION_CONCURRENCY =
            new PropertyDefinition<>("decaton.partition.concurrency", Integer.class, 1);
    public static final PropertyDefinition<Integer> CONFIG_MAX_PENDING_RECORDS =
            new PropertyDefinition<>("decaton.max.pending.records", Integer.class, 10_000);
    public static final PropertyDefinition<Long> CONFIG_COMMIT_INTERVAL_MS =
            new PropertyDefinition<>("decaton.commit.interval.ms", Long.class, 1_000L);
    public static final PropertyDefinition<Long> CONFIG_SHUTDOWN_TIMEOUT_MS =
            new PropertyDefinition<>("decaton.processing.shutdown.timeout.ms", Long.class, 0L);
    public static final PropertyDefinition<Long> CONFIG_GROUP_REBALANCE_TIMEOUT_MS =
            new PropertyDefinition<>("decaton.group.rebalance.timeout.ms", Long.class, 1_000L);
    public static final PropertyDefinition<Boolean> CONFIG_LOGGING_MDC_ENABLED =
            new PropertyDefinition<>("decaton.logging.mdc.enabled", Boolean.class, true);
    public static final PropertyDefinition<Long> CONFIG_PROCESSOR_THREADS_TERMINATION_TIMEOUT_MS =
            new PropertyDefinition<>("decaton.processor.threads.termination.timeout.ms", Long.class, Long.MAX_VALUE);
    public static final List<PropertyDefinition<?>> PROPERTY_DEFINITIONS = List.of(CONFIG_PARTITION_CONCURRENCY,
            CONFIG_MAX_PENDING_RECORDS, CONFIG_COMMIT_INTERVAL_MS, CONFIG_SHUTDOWN_TIMEOUT_MS,
            CONFIG_GROUP_REBALANCE_TIMEOUT_MS, CONFIG_LOGGING_MDC_ENABLED,
            CONFIG_PROCESSOR_THREADS_TERMINATION_TIMEOUT_MS);

    ProcessorProperties() {
    }
}
