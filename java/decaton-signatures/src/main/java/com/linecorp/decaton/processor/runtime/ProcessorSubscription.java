package com.linecorp.decaton.processor.runtime;

import java.util.concurrent.CompletableFuture;

@SuppressWarnings("try")
public class ProcessorSubscription extends Thread implements AsyncClosable {
    ProcessorSubscription() {
    }

    @Override
    public CompletableFuture<Void> asyncClose() {
        throw new UnsupportedOperationException("signatures only");
    }
}
