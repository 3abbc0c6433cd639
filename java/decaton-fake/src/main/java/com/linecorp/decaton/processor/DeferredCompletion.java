package com.linecorp.decaton.processor;

import java.util.concurrent.CompletableFuture;

public interface DeferredCompletion {
    void complete();

    /** Completes when the future does, in any way. */
    default <T> CompletableFuture<T> completeWith(CompletableFuture<T> future) {
        return future.whenComplete((value, e) -> complete());
    }

    void completeWith(Completion dep);
}
