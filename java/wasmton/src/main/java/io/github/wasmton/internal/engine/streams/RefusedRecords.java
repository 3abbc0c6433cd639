package io.github.wasmton.internal.engine.streams;

import java.util.Map;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProductionExceptionHandler;

/**
 * Ends the engine with a sentence if Kafka refuses a record. Streams learns of that only after the task, so the task
 * cannot be tried again alone.
 */
public final class RefusedRecords implements ProductionExceptionHandler {
    /** Setting that holds the engine itself. */
    static final String ENGINE = "wasmton.engine";

    private TopologyEngine engine;

    @Override
    public void configure(Map<String, ?> configs) {
        engine = (TopologyEngine) configs.get(ENGINE);
    }

    @Override
    public Response handleError(ErrorHandlerContext context, ProducerRecord<byte[], byte[]> record, Exception e) {
        if (e instanceof RetriableException) {
            return Response.retry();  // as Streams does by default: it goes back to its last commit
        }
        engine.end("The topic '" + record.topic() + "' did not take a record that a task of "
                + context.topic() + '-' + context.partition() + " produced: " + e.getMessage());
        return Response.fail();
    }
}
