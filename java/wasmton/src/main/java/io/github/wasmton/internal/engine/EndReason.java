package io.github.wasmton.internal.engine;

import org.apache.kafka.common.errors.InconsistentGroupProtocolException;

/** Sentence of an engine that ended by itself. */
public final class EndReason {
    private EndReason() {
    }

    /**
     * Returns the sentence.
     *
     * @param client the client that ended, such as "Kafka's consumer"
     * @param group  the consumer group
     * @param e      the exception that ended it
     */
    public static String of(String client, String group, Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof TopicDeletedException) {
                return cause.getMessage();
            }
            if (cause instanceof InconsistentGroupProtocolException) {
                return "The group '" + group + "' has members that share the partitions in another way: by another "
                        + "engine, or by another partition.assignment.strategy. Stop those first, or use another group";
            }
        }
        return client + " ended by itself: " + innermost(e);
    }

    /** Returns whether an exception or one of its causes is of that type. */
    public static boolean contains(Throwable e, Class<? extends Throwable> type) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    private static Throwable innermost(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
