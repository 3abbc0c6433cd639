package io.github.wasmton.internal.engine;

/** The topic that an engine reads is not there any more. */
public final class TopicDeletedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Names the topic. */
    public TopicDeletedException(String topic) {
        super("The topic '" + topic + "' was deleted. Create it, and start again");
    }
}
