package io.github.wasmton.internal.engine.streams;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;

import io.github.wasmton.internal.engine.Share;

/**
 * The consumer of one stream thread: the one object of ours that lives as long as the thread. It owns the thread's
 * {@link Worker}.
 */
final class StreamsConsumer extends LeavingConsumer {
    private static final ThreadLocal<Worker> WORKER = new ThreadLocal<>();

    private final Worker worker;
    private final Share share;

    /**
     * Creates the consumer of a thread.
     *
     * @param ending true if the thread starts no more tasks
     */
    StreamsConsumer(Map<String, Object> settings, Function<Consumer<byte[], byte[]>, Worker> workers, Share share,
            BooleanSupplier ending) {
        super(settings, ending);
        worker = workers.apply(this);
        this.share = share;
    }

    /** Returns the worker of the calling thread, which must be a stream thread that has polled before. */
    static Worker workerOfThread() {
        return WORKER.get();
    }

    @Override
    public void subscribe(Collection<String> topics, ConsumerRebalanceListener listener) {
        super.subscribe(topics, share.around(listener, this));
    }

    @Override
    public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
        WORKER.set(worker);
        boolean last = ending();  // before the poll: no task has started since
        ConsumerRecords<byte[], byte[]> records = super.poll(timeout);
        worker.commitMarkers(records);
        if (last) {
            worker.commitLast();
        }
        return records;
    }

    @Override
    public void close(CloseOptions options) {
        share.givenUp();
        worker.close();
        super.close(options);
    }
}
