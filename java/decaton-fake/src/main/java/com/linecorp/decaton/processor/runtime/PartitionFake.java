package com.linecorp.decaton.processor.runtime;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import com.linecorp.decaton.processor.DecatonProcessor;
import com.linecorp.decaton.processor.LoggingContext;
import com.linecorp.decaton.processor.tracing.TracingProvider;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.utils.Utils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A partition: the records that are complete, and the threads that process them. */
final class PartitionFake<T> {
    private static final Logger log = LoggerFactory.getLogger(PartitionFake.class);

    private final SubscriptionBuilder builder;
    private final ProcessorsBuilder<T> processors;
    private final List<Unit> units;
    /** Records that are not complete, by offset. */
    private final ConcurrentSkipListSet<Long> pending = new ConcurrentSkipListSet<>();
    private volatile long next = -1;
    private long committed = -1;
    private int roundRobin;

    PartitionFake(SubscriptionBuilder builder, ProcessorsBuilder<T> processors) {
        this.builder = builder;
        this.processors = processors;
        units = new ArrayList<>(Collections.nCopies(
                builder.property(ProcessorProperties.CONFIG_PARTITION_CONCURRENCY).value(), null));
    }

    /** Passes a record on. Called on the polling thread, which also creates the processors. */
    void handOver(ConsumerRecord<byte[], byte[]> record) {
        int index = (record.key() == null ? roundRobin++ : Utils.toPositive(Utils.murmur2(record.key())))
                % units.size();
        if (units.get(index) == null) {
            units.set(index, new Unit(processors.supplier.get()));
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
    long takeCommit() {
        long after = next;  // read before: a record that completes meanwhile is for the next time
        Iterator<Long> open = pending.iterator();
        long offset = open.hasNext() ? open.next() : after;
        if (offset < 0 || offset == committed) {
            return -1;
        }
        committed = offset;
        return offset;
    }

    void close() {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(Math.min(Integer.MAX_VALUE, builder.property(
                ProcessorProperties.CONFIG_PROCESSOR_THREADS_TERMINATION_TIMEOUT_MS).value()));
        for (Unit unit : units) {
            if (unit != null) {
                unit.terminated = true;
                unit.thread.shutdown();
            }
        }
        for (Unit unit : units) {
            if (unit != null) {
                unit.close(end);
            }
        }
    }

    /** A thread and its processor. */
    private final class Unit {
        final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
            Thread made = new Thread(task, "PartitionProcessorThread-" + builder.subscriptionId);
            made.setDaemon(true);
            return made;
        });
        private final DecatonProcessor<T> processor;
        private volatile boolean terminated;

        Unit(DecatonProcessor<T> processor) {
            this.processor = processor;
        }

        void process(ConsumerRecord<byte[], byte[]> record, TracingProvider.RecordTraceHandle trace) {
            if (terminated) {
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
            boolean mdc = builder.property(ProcessorProperties.CONFIG_LOGGING_MDC_ENABLED).value();
            ContextFake<T> context = new ContextFake<>(builder.subscriptionId, record, task.metadata,
                    () -> pending.remove(record.offset()));
            TracingProvider.ProcessorTraceHandle child = trace == null ? null : trace.childFor(processor);
            LoggingContext logging = new LoggingContext(mdc, record);
            try {
                if (child != null) {
                    child.processingStart();
                }
                processor.process(context, task.taskData);
            } catch (Exception e) {
                log.error("A processor threw; its record is complete", e);
                context.complete();
            } finally {
                if (child != null) {
                    child.processingReturn();
                }
                logging.close();
            }
            context.completeUnlessDeferred();
        }

        void close(long end) {
            try {
                thread.awaitTermination(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                processor.close();
            } catch (Exception e) {
                log.error("A processor did not close", e);
            }
        }
    }
}
