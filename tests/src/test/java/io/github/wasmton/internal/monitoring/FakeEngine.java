package io.github.wasmton.internal.monitoring;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import io.github.wasmton.internal.engine.Engine;

/** An engine with the state that a test sets. */
final class FakeEngine implements Engine {
    final CompletableFuture<String> ended = new CompletableFuture<>();
    boolean ready;

    @Override
    public void start() {
    }

    @Override
    public CompletableFuture<String> ended() {
        return ended;
    }

    @Override
    public boolean ready() {
        return ready;
    }

    @Override
    public boolean close(Duration limit) {
        return true;
    }
}
