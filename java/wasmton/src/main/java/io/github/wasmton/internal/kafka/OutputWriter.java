package io.github.wasmton.internal.kafka;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Output;
import io.github.wasmton.guest.Task;

/** Writes what tasks produce. Any number of threads may use it. */
public final class OutputWriter {
    private final RecordSender sender;

    /** Makes a writer. Without a sender, a task that produces something fails. */
    public OutputWriter(RecordSender sender) {
        this.sender = sender;
    }

    /**
     * Writes the records in their order.
     *
     * @return completes, on the client's own thread, with {@link Outcome#DONE} when Kafka has acknowledged all of them,
     *         and with a failure of the host where it did not take one; the others may be there then
     */
    public CompletableFuture<Outcome> write(List<Output> outputs) {
        if (sender == null) {
            return CompletableFuture.completedFuture(failed("there is no connection to Kafka to write what the task "
                    + "produced: WasmtonRuntime.of makes one"));
        }
        List<CompletableFuture<Outcome>> all = new ArrayList<>(outputs.size());
        for (Output output : outputs) {
            all.add(write(output));
        }
        return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).thenApply(done -> all.stream()
                .map(CompletableFuture::join).filter(outcome -> outcome != Outcome.DONE).findFirst()
                .orElse(Outcome.DONE));
    }

    /**
     * Hands the records in their order to somebody else who writes them.
     *
     * @return {@link Outcome#DONE}, or a failure of the host, as far as it shows before a record is sent
     */
    public Outcome handOver(List<Output> outputs, Consumer<ProducerRecord<byte[], byte[]>> writer) {
        for (Output output : outputs) {
            try {
                Integer partition = output.partition();
                if (partition != null && partition >= sender.partitions(output.topic())) {
                    return failed("the topic " + output.topic() + " has no partition " + partition);
                }
                writer.accept(record(output));
            } catch (IllegalArgumentException | KafkaException e) {
                return refused(output, e);
            }
        }
        return Outcome.DONE;
    }

    private CompletableFuture<Outcome> write(Output output) {
        ProducerRecord<byte[], byte[]> record;
        try {
            record = record(output);
        } catch (IllegalArgumentException e) {
            return CompletableFuture.completedFuture(refused(output, e));  // a partition or a timestamp that cannot be
        }
        return sender.send(record).handle((sent, e) -> e == null ? Outcome.DONE : refused(output, e));
    }

    private static ProducerRecord<byte[], byte[]> record(Output output) {
        if (output.headers().isEmpty()) {
            return new ProducerRecord<>(output.topic(), output.partition(), output.timestamp(), output.key(),
                    output.value());
        }
        List<Header> headers = new ArrayList<>(output.headers().size());
        for (Task.Header header : output.headers()) {
            headers.add(new RecordHeader(header.name(), header.value()));
        }
        return new ProducerRecord<>(output.topic(), output.partition(), output.timestamp(), output.key(),
                output.value(), headers);
    }

    private static Outcome refused(Output output, Throwable e) {
        return failed("the topic " + output.topic() + " did not take what the task produced: " + e.getMessage());
    }

    private static Outcome failed(String reason) {
        return new Outcome.Failed(Outcome.Kind.HOST, reason, "");
    }
}
