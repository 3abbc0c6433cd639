package io.github.wasmton.internal.engine;

/** Thrown if the topic of an engine no longer exists. */
public final class TopicDeletedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Creates the exception for that topic. */
    public TopicDeletedException(String topic) {
        super("The topic '" + topic + "' was deleted. Create it, and start again");
    }
}
