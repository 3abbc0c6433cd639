package com.linecorp.decaton.processor.runtime;

import java.util.concurrent.CompletableFuture;

@SuppressWarnings("try")
public interface AsyncClosable extends AutoCloseable {
    CompletableFuture<Void> asyncClose();

    @Override
    default void close() throws Exception {
        throw new UnsupportedOperationException("signatures only");
    }
}
