package io.github.wasmton.internal.cli;

import java.util.Collection;

/** Starts a Kafka inside of this process. A module with an embedded Kafka offers it as a service. */
public interface LocalKafka {
    /** Starts a Kafka with these topics, which have one partition each. */
    Running start(Collection<String> topics);

    /** A Kafka that runs until it is closed. */
    interface Running extends AutoCloseable {
        /** Returns its address, as {@code host:port}. */
        String bootstrapServers();

        @Override
        void close();
    }
}
