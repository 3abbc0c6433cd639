package com.linecorp.decaton.processor.runtime;

public enum SubPartitionRuntime {
    THREAD_POOL,
    VIRTUAL_THREAD,
}
