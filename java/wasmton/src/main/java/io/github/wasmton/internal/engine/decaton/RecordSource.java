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
    private static final RecordPlace NONE = new RecordPlace(-1, -1, 0, null);

    /** Plain field: the processor writes its volatile busy flag after it. */
    private RecordPlace place = NONE;

    @Override
    public void nextIsAt(RecordPlace next) {
        place = next;
    }

    /** Returns the place of the latest record; partition and offset are -1 before the first. */
    RecordPlace place() {
        return place;
    }

    @Override
    public Task whole(ProcessingContext<ConsumedRecord> context, ConsumedRecord record) {
        TaskMetadata metadata = context.metadata();
        return new Task(record.topic(), place.partition, place.offset, metadata.timestampMillis(), record.key(),
                record.value(), RecordHeaders.of(record.headers()), (int) metadata.retryCount() + 1);
    }
}
