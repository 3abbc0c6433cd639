package com.linecorp.decaton.processor.runtime;

@FunctionalInterface
public interface SubscriptionStateListener {
    enum State {
        INITIALIZING,
        REBALANCING,
        RUNNING,
        SHUTTING_DOWN,
        TERMINATED,
    }

    void onChange(State newState);
}
