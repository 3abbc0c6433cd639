package com.linecorp.decaton.processor;

@SuppressWarnings("try")  // as Decaton has it
public interface DecatonProcessor<T> extends AutoCloseable {
    void process(ProcessingContext<T> context, T task) throws InterruptedException;

    default String name() {
        return getClass().getSimpleName();
    }

    @Override
    default void close() throws Exception {
    }
}
