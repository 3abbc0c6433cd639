package io.github.wasmton.internal.engine;

import java.time.Duration;

/** Decides when a topic that is missing counts as deleted. One thread at a time may use it. */
public final class TopicPresence {
    /** Time until then; a broker that has just started can miss a topic for a moment. */
    private static final long DELETED_NANOS = Duration.ofSeconds(10).toNanos();

    private final String topic;
    /** Time at which the topic was first missed; only meaningful if {@link #missing}. */
    private long missingSince;
    private boolean missing;

    /** Creates the presence of a topic that is there. */
    public TopicPresence(String topic) {
        this.topic = topic;
    }

    /** Records that the topic is there, or that nobody knows. */
    public void found() {
        missing = false;
    }

    /**
     * Records that the topic is missing.
     *
     * @throws TopicDeletedException if it has been missing for 10 s
     */
    public void missed() {
        long now = System.nanoTime();
        if (!missing) {
            missing = true;
            missingSince = now;
        } else if (now - missingSince > DELETED_NANOS) {
            throw new TopicDeletedException(topic);
        }
    }
}
