package com.linecorp.decaton.processor.runtime;

public enum ProcessorScope {
    PROVIDED,
    SINGLETON,
    PARTITION,
    THREAD,
}
