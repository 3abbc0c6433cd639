package io.github.wasmton.internal.engine.decaton;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.TopicDeletedException;
import io.github.wasmton.internal.engine.TopicPresence;

/** Asks Kafka for the topic every two seconds. Decaton polls a deleted topic for ever, and says nothing. */
final class TopicWatch implements AutoCloseable {
    private static final int LOOK_SECONDS = 2;

    private final Admin admin;
    private final String topic;
    private final TopicPresence presence;
    private final Consumer<TopicDeletedException> onDeleted;
    private final ScheduledExecutorService looking = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "wasmton-topic");
        thread.setDaemon(true);
        return thread;
    });

    /** Starts looking; reports a deleted topic once. */
    TopicWatch(EngineConfig config, Consumer<TopicDeletedException> onDeleted) {
        admin = config.kafka().createAdmin(config.bootstrapServers(), config.group() + "-topic", Map.of());
        topic = config.topic();
        presence = new TopicPresence(topic);
        this.onDeleted = onDeleted;
        looking.scheduleWithFixedDelay(this::look, LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS);
    }

    private void look() {
        try {
            if (exists()) {
                presence.found();
            } else {
                presence.missed();
            }
        } catch (TopicDeletedException e) {
            onDeleted.accept(e);
            looking.shutdown();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns whether the topic is there, or Kafka gives no answer. */
    private boolean exists() throws InterruptedException {
        try {
            admin.describeTopics(List.of(topic)).allTopicNames().get();
            return true;
        } catch (ExecutionException e) {
            return !(e.getCause() instanceof UnknownTopicOrPartitionException);
        }
    }

    @Override
    public void close() {
        looking.shutdownNow();
        admin.close(Duration.ZERO);
    }
}
