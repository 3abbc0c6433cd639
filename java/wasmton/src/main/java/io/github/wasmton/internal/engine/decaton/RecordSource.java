package io.github.wasmton.internal.engine.decaton;

import com.linecorp.decaton.processor.ProcessingContext;
import com.linecorp.decaton.processor.TaskMetadata;
import com.linecorp.decaton.processor.runtime.ConsumedRecord;

import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.kafka.RecordHeaders;

/**
 * Creates tasks from records, whose places come from {@link RecordPlace}. One thread uses it; any thread may read its
 * place.
 */
final class RecordSource implements TaskSource<ConsumedRecord>, RecordPlace.Aware {
    /** Plain field: the processor writes its volatile busy flag after it. */
    private int partition = -1;
    private long offset = -1;

    @Override
    public void nextIsAt(int partition, long offset) {
        this.partition = partition;
        this.offset = offset;
    }

    /** Returns the partition of the latest record; -1 before the first. */
    int partition() {
        return partition;
    }

    /** Returns the offset of the latest record; -1 before the first. */
    long offset() {
        return offset;
    }

    @Override
    public Task whole(ProcessingContext<ConsumedRecord> context, ConsumedRecord record) {
        TaskMetadata metadata = context.metadata();
        return new Task(record.topic(), partition, offset, metadata.timestampMillis(), record.key(), record.value(),
                RecordHeaders.of(record.headers()), (int) metadata.retryCount() + 1);
    }
}
