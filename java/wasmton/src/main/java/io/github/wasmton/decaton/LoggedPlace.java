package io.github.wasmton.decaton;

import org.slf4j.MDC;

import com.linecorp.decaton.processor.LoggingContext;
import com.linecorp.decaton.processor.ProcessingContext;
import com.linecorp.decaton.processor.TaskMetadata;

import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.decaton.TaskSource;
import io.github.wasmton.internal.kafka.RecordHeaders;

/**
 * Makes tasks of values, whose places Decaton's logging context tells. Looking them up costs more than a small task.
 *
 * @param early whether the guest gets to see the whole task; else only a failure needs it
 */
record LoggedPlace(boolean early) implements TaskSource<byte[]> {
    @Override
    public Task first(ProcessingContext<byte[]> context, byte[] value) {
        return early ? whole(context, value) : new Task("unknown", -1, -1, value);
    }

    @Override
    public Task whole(ProcessingContext<byte[]> context, byte[] value) {
        TaskMetadata metadata = context.metadata();
        String topic = MDC.get(LoggingContext.TOPIC_KEY);
        String partition = MDC.get(LoggingContext.PARTITION_KEY);
        String offset = MDC.get(LoggingContext.OFFSET_KEY);
        boolean placed = topic != null && partition != null && offset != null;
        return new Task(placed ? topic : "unknown", placed ? Integer.parseInt(partition) : -1,
                placed ? Long.parseLong(offset) : -1, metadata.timestampMillis(), context.key(),
                value, RecordHeaders.of(context.headers()), (int) metadata.retryCount() + 1);
    }
}
