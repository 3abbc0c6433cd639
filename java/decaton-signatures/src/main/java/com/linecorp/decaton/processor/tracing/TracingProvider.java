package com.linecorp.decaton.processor.tracing;

import org.apache.kafka.clients.consumer.ConsumerRecord;

import com.linecorp.decaton.processor.DecatonProcessor;

public interface TracingProvider {
    interface TraceHandle {
        void processingCompletion();
    }

    interface ProcessorTraceHandle extends TraceHandle {
        void processingStart();

        void processingReturn();
    }

    interface RecordTraceHandle extends TraceHandle {
        ProcessorTraceHandle childFor(DecatonProcessor<?> processor);
    }

    RecordTraceHandle traceFor(ConsumerRecord<?, ?> record, String subscriptionId);
}
