package io.github.wasmton.internal.engine.decaton;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;

import org.apache.kafka.clients.consumer.ConsumerRecord;

import com.linecorp.decaton.processor.DecatonProcessor;
import com.linecorp.decaton.processor.tracing.TracingProvider;

/** A tracing provider on the class path of the tests, as a user would put one there; it notes what it sees. */
public final class TestTracing implements TracingProvider {
    static final ConcurrentMap<String, List<String>> SEEN = new ConcurrentHashMap<>();

    @Override
    public RecordTraceHandle traceFor(ConsumerRecord<?, ?> record, String subscriptionId) {
        List<String> seen = SEEN.computeIfAbsent(record.topic(), topic -> new CopyOnWriteArrayList<>());
        return new RecordTraceHandle() {
            @Override
            public ProcessorTraceHandle childFor(DecatonProcessor<?> processor) {
                return new ProcessorTraceHandle() {
                    @Override
                    public void processingStart() {
                        seen.add("start");
                    }

                    @Override
                    public void processingReturn() {
                        seen.add("return");
                    }

                    @Override
                    public void processingCompletion() {
                        seen.add("completion");
                    }
                };
            }

            @Override
            public void processingCompletion() {
                seen.add("record");
            }
        };
    }
}
