package com.linecorp.decaton.processor;

import java.util.concurrent.CompletionStage;

public interface Completion extends DeferredCompletion {
    enum TimeoutChoice {
        GIVE_UP,
        EXTEND,
    }

    boolean isComplete();

    boolean tryExpire();

    CompletionStage<Void> asFuture();
}
