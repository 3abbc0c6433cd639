package com.linecorp.decaton.processor.runtime;

import java.util.function.Supplier;

import org.apache.kafka.common.serialization.Deserializer;

import com.linecorp.decaton.processor.DecatonProcessor;
import com.linecorp.decaton.processor.TaskMetadata;

public class ProcessorsBuilder<T> {
    final String topic;
    final TaskExtractor<T> extractor;
    Supplier<DecatonProcessor<T>> supplier;

    ProcessorsBuilder(String topic, TaskExtractor<T> extractor) {
        this.topic = topic;
        this.extractor = extractor;
    }

    public static <T> ProcessorsBuilder<T> consuming(String topic, TaskExtractor<T> taskExtractor) {
        return new ProcessorsBuilder<>(topic, taskExtractor);
    }

    /** Extracts a task. A null value makes the task null, which no task can be: the record is dropped. */
    public static <T> ProcessorsBuilder<T> consuming(String topic, Deserializer<T> deserializer) {
        return consuming(topic, record -> new DecatonTask<>(
                TaskMetadata.builder().timestampMillis(record.recordTimestampMillis()).build(),
                deserializer.deserialize(topic, record.headers(), record.value()), record.value()));
    }

    public ProcessorsBuilder<T> thenProcess(Supplier<DecatonProcessor<T>> newSupplier, ProcessorScope scope) {
        if (scope != ProcessorScope.THREAD) {
            throw new UnsupportedOperationException("this fake knows the scope THREAD alone");
        }
        supplier = newSupplier;
        return this;
    }
}
