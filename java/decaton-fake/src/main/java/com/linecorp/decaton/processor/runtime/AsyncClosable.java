package com.linecorp.decaton.processor.runtime;

import java.util.concurrent.CompletableFuture;

@SuppressWarnings("try")  // as Decaton has it
public interface AsyncClosable extends AutoCloseable {
    CompletableFuture<Void> asyncClose();

    @Override
    default void close() throws Exception {
        asyncClose().get();
    }
}
