package com.linecorp.decaton.processor.runtime;

public interface TaskExtractor<T> extends AutoCloseable {
    DecatonTask<T> extract(ConsumedRecord record);

    @Override
    default void close() {
    }
}
