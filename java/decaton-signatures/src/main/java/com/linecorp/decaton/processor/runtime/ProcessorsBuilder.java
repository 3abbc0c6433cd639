package com.linecorp.decaton.processor.runtime;

import java.util.function.Supplier;

import org.apache.kafka.common.serialization.Deserializer;

import com.linecorp.decaton.processor.DecatonProcessor;

public class ProcessorsBuilder<T> {
    ProcessorsBuilder() {
    }

    public static <T> ProcessorsBuilder<T> consuming(String topic, TaskExtractor<T> taskExtractor) {
        throw new UnsupportedOperationException("signatures only");
    }

    public static <T> ProcessorsBuilder<T> consuming(String topic, Deserializer<T> deserializer) {
        throw new UnsupportedOperationException("signatures only");
    }

    public ProcessorsBuilder<T> thenProcess(Supplier<DecatonProcessor<T>> supplier, ProcessorScope scope) {
        throw new UnsupportedOperationException("signatures only");
    }
}
