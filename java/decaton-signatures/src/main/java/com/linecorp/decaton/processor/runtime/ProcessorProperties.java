package com.linecorp.decaton.processor.runtime;

import java.util.List;

public class ProcessorProperties {
    public static final PropertyDefinition<Integer> CONFIG_PARTITION_CONCURRENCY = new PropertyDefinition<>();
    public static final PropertyDefinition<Integer> CONFIG_MAX_PENDING_RECORDS = new PropertyDefinition<>();
    public static final PropertyDefinition<Long> CONFIG_COMMIT_INTERVAL_MS = new PropertyDefinition<>();
    public static final PropertyDefinition<Long> CONFIG_SHUTDOWN_TIMEOUT_MS = new PropertyDefinition<>();
    public static final PropertyDefinition<Long> CONFIG_GROUP_REBALANCE_TIMEOUT_MS = new PropertyDefinition<>();
    public static final PropertyDefinition<Boolean> CONFIG_LOGGING_MDC_ENABLED = new PropertyDefinition<>();
    public static final PropertyDefinition<Long> CONFIG_PROCESSOR_THREADS_TERMINATION_TIMEOUT_MS =
            new PropertyDefinition<>();
    public static final List<PropertyDefinition<?>> PROPERTY_DEFINITIONS = List.of();

    ProcessorProperties() {
    }
}
