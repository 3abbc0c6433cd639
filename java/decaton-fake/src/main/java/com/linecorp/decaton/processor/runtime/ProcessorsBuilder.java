package com.linecorp.decaton.processor.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

import org.apache.kafka.common.serialization.Deserializer;

import com.linecorp.decaton.processor.DecatonProcessor;

public class ProcessorsBuilder<T> {
    final String topic;
    final TaskExtractor<T> extractor;
    final List<ScopedProcessors<T>> chain = new ArrayList<>();

    ProcessorsBuilder(String topic, TaskExtractor<T> extractor) {
        this.topic = topic;
        this.extractor = extractor;
    }

    public static <T> ProcessorsBuilder<T> consuming(String topic, TaskExtractor<T> taskExtractor) {
        return new ProcessorsBuilder<>(topic, taskExtractor);
    }

    /** Extracts a task. A null value makes the task null, which no task can be: the record is dropped. */
    public static <T> ProcessorsBuilder<T> consuming(String topic, Deserializer<T> deserializer) {
        return consuming(topic, record -> new DecatonTask<>(MetadataFake.of(record),
                deserializer.deserialize(topic, record.headers(), record.value()), record.value()));
    }

    public ProcessorsBuilder<T> thenProcess(DecatonProcessor<T> processor) {
        return thenProcess(() -> processor, ProcessorScope.PROVIDED);
    }

    public ProcessorsBuilder<T> thenProcess(Supplier<DecatonProcessor<T>> supplier, ProcessorScope scope) {
        chain.add(new ScopedProcessors<>(supplier, scope));
        return this;
    }
}
