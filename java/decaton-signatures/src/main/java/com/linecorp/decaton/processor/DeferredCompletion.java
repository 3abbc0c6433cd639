package com.linecorp.decaton.processor;

import java.util.concurrent.CompletableFuture;

public interface DeferredCompletion {
    void complete();

    default <T> CompletableFuture<T> completeWith(CompletableFuture<T> future) {
        throw new UnsupportedOperationException("signatures only");
    }

    void completeWith(Completion dep);
}
