package com.linecorp.decaton.processor;

import java.util.function.Function;

import org.apache.kafka.common.header.Headers;

public interface ProcessingContext<T> {
    TaskMetadata metadata();

    byte[] key();

    Headers headers();

    String subscriptionId();

    LoggingContext loggingContext();

    default Completion deferCompletion() {
        return deferCompletion(completion -> Completion.TimeoutChoice.GIVE_UP);
    }

    Completion deferCompletion(Function<Completion, Completion.TimeoutChoice> callback);

    Completion push(T task) throws InterruptedException;

    Completion retry() throws InterruptedException;
}
