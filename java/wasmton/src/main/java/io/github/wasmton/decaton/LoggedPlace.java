package io.github.wasmton.decaton;

import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

import org.slf4j.MDC;

import com.linecorp.decaton.processor.LoggingContext;
import com.linecorp.decaton.processor.ProcessingContext;
import com.linecorp.decaton.processor.TaskMetadata;

import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.decaton.TaskSource;
import io.github.wasmton.internal.kafka.RecordHeaders;

/**
 * Makes tasks of values, whose places are in Decaton's logging context. Looking them up costs more than a small task,
 * so it is done for the first task, and after that only for tasks that need it.
 */
final class LoggedPlace implements TaskSource<byte[]> {
    static final String UNKNOWN = "unknown";

    /** The keys that Decaton puts into the MDC for a record; the first {@link #PLACE_KEYS} are its place. */
    private static final List<String> KEYS = List.of(LoggingContext.TOPIC_KEY, LoggingContext.PARTITION_KEY,
            LoggingContext.OFFSET_KEY, "dt_metadata", "dt_subscription_id", "dt_task_key");
    private static final int PLACE_KEYS = 3;

    /** True if the guest gets to see the whole task; else only a failure needs it. */
    private final boolean seen;
    /** True once a place was found. A race only costs a look-up more. */
    private boolean found;

    LoggedPlace(boolean seen) {
        this.seen = seen;
    }

    @Override
    public Task first(ProcessingContext<byte[]> context, byte[] value) {
        return seen || !found ? whole(context, value) : new Task(UNKNOWN, -1, -1, value);
    }

    /**
     * Returns the whole task.
     *
     * @throws IllegalStateException if nothing says where its record comes from: a dead letter could not be replayed
     */
    @Override
    public Task whole(ProcessingContext<byte[]> context, byte[] value) {
        // Not what the thread has: a processor in front may push from a thread of its own, or at the next record.
        String[] before = KEYS.stream().map(MDC::get).toArray(String[]::new);
        LoggingContext opened = context.loggingContext();
        Task task = placed(context, value);
        // Usually Decaton opened the same for this record: then there is nothing to undo, and its own close is to come.
        if (opened != null && !IntStream.range(0, PLACE_KEYS)
                .allMatch(i -> Objects.equals(before[i], MDC.get(KEYS.get(i))))) {
            opened.close();
            for (int i = 0; i < before.length; i++) {
                if (before[i] != null) {
                    MDC.put(KEYS.get(i), before[i]);
                }
            }
        }
        if (task == null) {
            throw new IllegalStateException("Decaton does not say which topic, partition and offset a task comes from. "
                    + "Leave decaton.logging.mdc.enabled at true, and use a logging provider for SLF4J that has an "
                    + "MDC, such as Logback.");
        }
        found = true;
        return task;
    }

    private static Task placed(ProcessingContext<byte[]> context, byte[] value) {
        String topic = MDC.get(LoggingContext.TOPIC_KEY);
        String partition = MDC.get(LoggingContext.PARTITION_KEY);
        String offset = MDC.get(LoggingContext.OFFSET_KEY);
        if (topic == null || partition == null || offset == null) {
            return null;
        }
        TaskMetadata metadata = context.metadata();
        // Metadata without a timestamp has 0.
        long timestamp = metadata.timestampMillis() > 0 ? metadata.timestampMillis() : -1;
        return new Task(topic, Integer.parseInt(partition), Long.parseLong(offset), timestamp,
                context.key(), value, RecordHeaders.of(context.headers()), (int) metadata.retryCount() + 1);
    }
}
