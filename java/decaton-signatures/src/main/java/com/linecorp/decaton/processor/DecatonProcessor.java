package com.linecorp.decaton.processor;

@FunctionalInterface
@SuppressWarnings("try")
public interface DecatonProcessor<T> extends AutoCloseable {
    void process(ProcessingContext<T> context, T task) throws InterruptedException;

    default String name() {
        throw new UnsupportedOperationException("signatures only");
    }

    @Override
    default void close() throws Exception {
        throw new UnsupportedOperationException("signatures only");
    }
}
