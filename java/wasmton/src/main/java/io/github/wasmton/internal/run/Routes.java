package io.github.wasmton.internal.run;

import java.time.Duration;

/**
 * Ways out of a guest that only a Decaton subscription has.
 *
 * @param downstream   name of the outputs that go to the next processor; {@code null} for none
 * @param retryTopic   topic for tasks for which the guest asks a retry; {@code null} for retries in place
 * @param retryBackoff time until such a retry
 */
public record Routes(String downstream, String retryTopic, Duration retryBackoff) {
    /** No such way. */
    public static final Routes NONE = new Routes(null, null, null);
}
