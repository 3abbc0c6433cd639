package io.github.wasmton.internal.engine.streams;

import java.util.Properties;
import java.util.concurrent.CompletableFuture;

import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.MissingSourceTopicException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.EndReason;
import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.TopicDeletedException;
import io.github.wasmton.internal.kafka.RecordHeaders;

/** The life of an engine on Kafka Streams, from its start to its end by itself; each engine closes in its own way. */
abstract class BaseStreamsEngine implements Engine {
    /** Source node that reads the topic. */
    static final String SOURCE = "tasks";
    /** Node that processes the tasks. */
    static final String GUEST = "guest";

    private final Logger log = LoggerFactory.getLogger(getClass());
    private final EngineConfig config;
    private final Timestamps timestamps = new Timestamps();
    private final CompletableFuture<String> ended = new CompletableFuture<>();
    private volatile KafkaStreams streams;  // for ready(), which any thread may call
    private volatile boolean closing;
    private volatile boolean stopping;

    BaseStreamsEngine(EngineConfig config) {
        this.config = config;
    }

    /**
     * Creates the client, which is started afterwards.
     *
     * @param topology the topology, with {@link #SOURCE} alone
     * @param settings the settings that all engines on Streams need
     */
    abstract KafkaStreams create(Topology topology, Properties settings);

    @Override
    public final void start() {
        Topology topology = new Topology();
        topology.addSource(timestamps, SOURCE, config.topic());
        streams = create(topology, StreamsSettings.of(config));
        streams.setUncaughtExceptionHandler(this::threadFailed);
        streams.start();
    }

    /** Returns what becomes of the client after the end of a thread. */
    final StreamThreadExceptionResponse threadFailed(Throwable e) {
        if (e instanceof StoppedException || e.getCause() instanceof StoppedException) {
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        }
        if (config.exactlyOnce() && EndReason.contains(e, InvalidTxnStateException.class)) {
            // Seen while a broker restarted. The transaction is over, in either way: a new thread starts behind it.
            log.warn("Kafka had ended a transaction before its commit. Its tasks come again: {}", e.getMessage());
            return StreamThreadExceptionResponse.REPLACE_THREAD;
        }
        Throwable reason = e instanceof MissingSourceTopicException ? new TopicDeletedException(config.topic()) : e;
        // The first thread reports for all.
        if (end(EndReason.of("Kafka Streams", config.group(), reason))) {
            log.error("Kafka Streams ended by itself", e);
        }
        return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }

    /** Returns the client, {@code null} before the start. */
    final KafkaStreams streams() {
        return streams;
    }

    /** Returns the task of the record that a processor with this context was given. */
    final Task task(Record<byte[], byte[]> record, ProcessorContext<?, ?> context) {
        RecordMetadata place = context.recordMetadata().orElseThrow();
        return new Task(config.topic(), place.partition(), place.offset(),
                timestamps.of(place.partition(), place.offset(), record.timestamp()), record.key(), record.value(),
                RecordHeaders.of(record.headers()), 1);
    }

    /** Returns whether no further record may be processed. */
    final boolean stopping() {
        return stopping;
    }

    /** Lets no further record be processed. */
    final void startNoMore() {
        stopping = true;
    }

    /** Stops the engine after a record that was not completed. */
    final void stop() {
        startNoMore();
        end("a task failed");
    }

    /** Ends the engine for a reason. Returns false if it has ended already. */
    final boolean end(String reason) {
        return ended.complete(reason);
    }

    @Override
    public final CompletableFuture<String> ended() {
        return ended;
    }

    @Override
    public boolean ready() {
        KafkaStreams running = streams;
        return running != null && !closing && !stopping && running.state() == KafkaStreams.State.RUNNING;
    }

    /** Begins the close. Returns false if the engine was never started. */
    final boolean beginClose() {
        closing = true;
        return streams != null;
    }
}
