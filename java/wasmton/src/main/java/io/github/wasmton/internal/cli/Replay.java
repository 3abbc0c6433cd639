package io.github.wasmton.internal.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

import io.github.wasmton.internal.kafka.DeadLetter;
import io.github.wasmton.internal.kafka.KafkaSettings;
import io.github.wasmton.internal.kafka.RecordSender;
import io.github.wasmton.internal.text.Printable;

/**
 * One replay of dead letters. It writes records of one partition in their order and stores its progress when they are
 * acknowledged. A replay that dies continues there, and writes at most the last records a second time. A header of each
 * record names its dead letter, so that consumers can recognise duplicates.
 */
final class Replay implements AutoCloseable {
    /**
     * Header that names the dead letter, as {@code topic-partition@offset}; the next replay leaves it out like all
     * headers of dead letters.
     */
    static final String REPLAYED_FROM = DeadLetter.PREFIX + "replayed-from";

    /** Number of records between two lines of progress. */
    private static final int PROGRESS = 10_000;

    private final DlqReplayCommand.Selection selection;
    private final PrintStream out;
    private final RecordSender sender;
    private final Map<String, Integer> partitions = new HashMap<>();
    private final Map<String, Long> written = new TreeMap<>();
    private long count;
    private long left;

    Replay(String bootstrapServers, DlqReplayCommand.Selection selection, KafkaSettings kafka, PrintStream out) {
        this.selection = selection;
        this.out = out;
        Map<String, String> settings = kafka.forProducer();
        settings.put("bootstrap.servers", bootstrapServers);
        settings.putIfAbsent("linger.ms", "5");
        sender = new RecordSender(settings);
    }

    /** A record that was read, and the result of writing it. */
    private record Sent(ConsumerRecord<byte[], byte[]> record, CompletableFuture<Void> acknowledged) {}

    /**
     * Replays all records of the reader, or those that the arguments select. Returns the reason of a failure, or
     * {@code null}.
     */
    String run(DeadLetterReader reader, BooleanSupplier stopped) {
        String failure = null;
        boolean ended = false;
        while (failure == null && !ended && !stopped.getAsBoolean()) {
            var records = reader.next();
            List<Sent> batch = new ArrayList<>();
            for (ConsumerRecord<byte[], byte[]> record : records) {
                if (!reader.isTooNew(record)) {
                    batch.add(new Sent(record, send(record)));
                }
            }
            ended = !records.iterator().hasNext();
            Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
            failure = settle(batch, offsets);
            if (!selection.dryRun && selection.everything() && !offsets.isEmpty()) {
                reader.commit(offsets);
            }
        }
        String verb = selection.dryRun ? "would be written" : "written";
        written.forEach((topic, records) -> out.println(records + " " + verb + " to " + Printable.line(topic)));
        out.println(count + " dead letters " + (selection.dryRun ? "to replay" : "replayed")
                + (left == 0 ? "" : ", " + left + " records left that are no dead letters of Wasmton's"));
        return failure;
    }

    private CompletableFuture<Void> send(ConsumerRecord<byte[], byte[]> record) {
        DeadLetter letter = DeadLetter.read(record);
        if (letter == null) {
            left++;
            return null;
        }
        if (!DlqListCommand.isOf(selection.kinds, letter)
                || selection.from != null && !selection.from.equals(letter.topic())
                || !selection.only.isEmpty() && !selection.only.contains(RecordPosition.of(record))) {
            return null;
        }
        String topic = selection.to == null ? letter.topic() : selection.to;
        int known = partitions.computeIfAbsent(topic, this::partitionsOf);
        ProducerRecord<byte[], byte[]> again = new ProducerRecord<>(topic, partition(letter, record.key(), known),
                letter.timestamp() < 0 ? null : letter.timestamp(), record.key(), record.value(), headers(record));
        if (selection.dryRun) {
            out.println(Printable.line(RecordPosition.of(record) + " to " + topic + ", was " + letter.topic() + '-'
                    + letter.partition() + '@' + letter.offset()));
            return CompletableFuture.completedFuture(null);
        }
        return sender.send(again);
    }

    private int partitionsOf(String topic) {
        try {
            return sender.partitions(topic);
        } catch (KafkaException e) {
            throw new KafkaException("the topic '" + topic + "', where dead letters came from, does not take them "
                    + "(--to names another)", e);
        }
    }

    /**
     * Returns the original partition. In another topic the key decides; dead letters without a key stay together by
     * partition.
     */
    private Integer partition(DeadLetter letter, byte[] key, int known) {
        boolean back = selection.to == null && letter.partition() < known;
        if (letter.partition() < 0 || !back && key != null) {
            return null;
        }
        return letter.partition() % known;
    }

    private List<Header> headers(ConsumerRecord<byte[], byte[]> record) {
        List<Header> headers = new ArrayList<>();
        for (Header header : record.headers()) {
            if (!header.key().startsWith(DeadLetter.PREFIX)) {
                headers.add(header);
            }
        }
        String from = record.topic() + '-' + RecordPosition.of(record);
        headers.add(new RecordHeader(REPLAYED_FROM, from.getBytes(UTF_8)));
        return headers;
    }

    /** Waits for all records; in each partition those before the first failure count as replayed. */
    private String settle(List<Sent> batch, Map<TopicPartition, OffsetAndMetadata> offsets) {
        Map<TopicPartition, String> failures = new HashMap<>();
        for (Sent sent : batch) {
            TopicPartition partition = new TopicPartition(sent.record.topic(), sent.record.partition());
            if (failures.containsKey(partition)) {
                continue;
            }
            try {
                if (sent.acknowledged != null) {
                    sent.acknowledged.join();
                    count(DeadLetter.read(sent.record));
                }
                offsets.put(partition, new OffsetAndMetadata(sent.record.offset() + 1));
            } catch (CompletionException e) {
                failures.put(partition, "The dead letter " + RecordPosition.of(sent.record) + " could not be written: "
                        + e.getCause().getMessage() + ". Calling this again goes on there.");
            }
        }
        return failures.isEmpty() ? null : failures.values().iterator().next();
    }

    private void count(DeadLetter letter) {
        written.merge(selection.to == null ? letter.topic() : selection.to, 1L, Long::sum);
        if (++count % PROGRESS == 0 && !selection.dryRun) {
            out.println(count + " replayed ...");
        }
    }

    @Override
    public void close() {
        sender.close();
    }
}
