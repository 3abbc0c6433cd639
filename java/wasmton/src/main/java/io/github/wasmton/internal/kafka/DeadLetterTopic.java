package io.github.wasmton.internal.kafka;

import java.util.concurrent.CompletableFuture;

import org.apache.kafka.clients.producer.ProducerRecord;

import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;

/** A dead-letter topic, for the tasks of one guest that failed permanently. Any number of threads may use it. */
public final class DeadLetterTopic {
    private final RecordSender sender;
    private final String topic;
    private final int partitions;
    private final String sha256;

    /**
     * Asks Kafka for the topic. The sender stays the caller's.
     *
     * @param sha256 of the guest's file
     * @throws org.apache.kafka.common.KafkaException where there is no such topic, or no Kafka
     */
    public DeadLetterTopic(RecordSender sender, String topic, String sha256) {
        this.sender = sender;
        this.topic = topic;
        this.partitions = sender.partitions(topic);
        this.sha256 = sha256;
    }

    /** Returns the name of the topic. */
    public String topic() {
        return topic;
    }

    /**
     * Writes a task there. Those of one partition go to one partition, so they stay in their order.
     *
     * @return as {@link RecordSender#send}
     */
    public CompletableFuture<Void> send(Task task, Outcome.Failed failure, int attempts) {
        return sender.send(record(task, failure, attempts));
    }

    /** Returns the record of a task, for those who write it themselves. */
    public ProducerRecord<byte[], byte[]> record(Task task, Outcome.Failed failure, int attempts) {
        DeadLetter letter = DeadLetter.of(task, failure, attempts, sha256);
        return letter.record(task, topic, Math.max(0, task.partition()) % partitions);
    }
}
