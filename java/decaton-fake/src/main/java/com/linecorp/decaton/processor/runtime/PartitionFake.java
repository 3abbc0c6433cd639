package com.linecorp.decaton.processor.runtime;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import com.linecorp.decaton.processor.DecatonProcessor;
import com.linecorp.decaton.processor.LoggingContext;
import com.linecorp.decaton.processor.metrics.Metrics;
import com.linecorp.decaton.processor.tracing.TracingProvider;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Utils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A partition: the records that are complete, and the threads that process them. */
final class PartitionFake<T> {
    private static final Logger log = LoggerFactory.getLogger(PartitionFake.class);

    private final SubscriptionBuilder builder;
    private final ProcessorsBuilder<T> processors;
    private final RetryFake retry;
    private final TopicPartition partition;
    private final List<Unit> units;
    /** Records that are not complete, by offset. */
    private final ConcurrentSkipListSet<Long> pending = new ConcurrentSkipListSet<>();
    private volatile long next = -1;
    private long committed = -1;
    private int roundRobin;

    PartitionFake(SubscriptionBuilder builder, ProcessorsBuilder<T> processors, RetryFake retry,
            TopicPartition partition) {
        this.builder = builder;
        this.processors = processors;
        this.retry = retry;
        this.partition = partition;
        units = new ArrayList<>(Collections.nCopies(
                builder.property(ProcessorProperties.CONFIG_PARTITION_CONCURRENCY).value(), null));
    }

    /** Returns whether a record comes that was there before, as after a rebalance. */
    boolean isBehind(long offset) {
        return offset < next;
    }

    /** Passes a record on. Called on the polling thread, which also creates the processors. */
    void handOver(ConsumerRecord<byte[], byte[]> record) {
        int index = (record.key() == null ? roundRobin++ : Utils.toPositive(Utils.murmur2(record.key())))
                % units.size();
        if (units.get(index) == null) {
            units.set(index, new Unit(index));
        }
        TracingProvider.RecordTraceHandle trace = builder.tracingProvider == null ? null
                : builder.tracingProvider.traceFor(record, builder.subscriptionId);
        if (next < 0) {
            committed = record.offset();  // or it would not have come
        }
        pending.add(record.offset());
        next = record.offset() + 1;
        Unit unit = units.get(index);
        unit.thread.execute(() -> unit.process(record, trace));
    }

    int pending() {
        return pending.size();
    }

    /** Returns the offset to commit; -1 if there is nothing new. */
    long readyToCommit() {
        long after = next;  // read before: a record that completes meanwhile is for the next time
        Iterator<Long> open = pending.iterator();
        long offset = open.hasNext() ? open.next() : after;
        return offset == committed ? -1 : offset;
    }

    void committed(long offset) {
        committed = offset;
    }

    /** Joins the threads, as long as Decaton's property says, and closes their processors. */
    void close() {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(Math.min(Integer.MAX_VALUE, builder.property(
                ProcessorProperties.CONFIG_PROCESSOR_THREADS_TERMINATION_TIMEOUT_MS).value()));
        for (Unit unit : units) {
            if (unit != null) {
                unit.terminated.countDown();
                unit.thread.shutdown();
            }
        }
        for (Unit unit : units) {
            if (unit != null) {
                unit.close(end);
            }
        }
        processors.chain.forEach(processor -> processor.leavePartition(partition));
    }

    /** A thread and its processors. */
    private final class Unit {
        final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
            Thread made = new Thread(task, "PartitionProcessorThread-" + builder.subscriptionId);
            made.setDaemon(true);
            return made;
        });
        private final int number;
        private final List<DecatonProcessor<T>> chain;
        private final CountDownLatch terminated = new CountDownLatch(1);

        Unit(int number) {
            this.number = number;
            this.chain = processors.chain.stream().map(processor -> processor.get(partition, number)).toList();
        }

        void process(ConsumerRecord<byte[], byte[]> record, TracingProvider.RecordTraceHandle trace) {
            if (terminated.getCount() == 0) {
                return;  // never complete, so it comes again
            }
            DecatonTask<T> task;
            try {
                task = processors.extractor.extract(new ConsumedRecord(record));
            } catch (RuntimeException e) {
                log.warn("Dropped a record that could not be extracted: {}", e.toString());
                pending.remove(record.offset());
                return;
            }
            if (!awaitTime(task.metadata.scheduledTimeMillis())) {
                return;
            }
            ContextFake<T> context = new ContextFake<>(builder, record, task, retry, chain, trace);
            LoggingContext logging = context.loggingContext();
            try {
                context.push(task.taskData).asFuture().thenRun(() -> {
                    pending.remove(record.offset());
                    if (trace != null) {
                        trace.processingCompletion();
                    }
                });
            } catch (Exception e) {
                log.error("A processor threw; its record is complete", e);
                pending.remove(record.offset());
            } finally {
                logging.close();
                Metrics.countProcessed(builder.subscriptionId, partition.topic(), partition.partition());
            }
        }

        /** Waits on this thread until then, which holds up everything behind it. */
        private boolean awaitTime(long millis) {
            try {
                return !terminated.await(millis - System.currentTimeMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }

        void close(long end) {
            try {
                thread.awaitTermination(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            processors.chain.forEach(processor -> processor.leaveThread(partition, number));
        }
    }
}
