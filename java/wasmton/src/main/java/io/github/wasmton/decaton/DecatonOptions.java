package io.github.wasmton.decaton;

import java.time.Duration;
import java.util.Objects;

import io.github.wasmton.internal.run.Routes;

/** Parts of Decaton that a guest of {@link WasmtonProcessor} uses. Immutable: each method returns changed options. */
public final class DecatonOptions {
    /** The options that use none of them. */
    public static final DecatonOptions DEFAULT = new DecatonOptions(Routes.NONE);

    private final Routes routes;

    private DecatonOptions(Routes routes) {
        this.routes = routes;
    }

    /**
     * Returns options by which outputs of that name go to the next processor of the chain, and not to Kafka. The guest
     * must be granted the name like a topic ({@code GuestOptions.withOutputs}). Only their values are passed on, on the
     * same thread and in their order. The task's record is complete when the next processor has completed all of them;
     * its exception is a failure of the task. Only for {@link WasmtonProcessor}.
     */
    public DecatonOptions withDownstream(String name) {
        Objects.requireNonNull(name, "name");
        return new DecatonOptions(new Routes(name, routes.retryTopic(), routes.retryBackoff()));
    }

    /**
     * Returns options by which a task for which the guest asks a retry goes to that topic, and its thread goes on. Give
     * the subscription a {@code RetryConfig} with the same topic, or nobody reads it. The task is complete when Kafka
     * has it there; if Kafka does not take it, it is tried in place. {@code FailureOptions.attempts} counts the
     * attempts of all deliveries. The record's value is written as this processor got it, so no processor in front may
     * change it.
     *
     * @param backoff time until the next attempt
     */
    public DecatonOptions withRetryTopic(String topic, Duration backoff) {
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(backoff, "backoff");
        return new DecatonOptions(new Routes(routes.downstream(), topic, backoff));
    }

    Routes routes() {
        return routes;
    }
}
