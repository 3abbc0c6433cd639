package io.github.wasmton.internal.engine.decaton;

import com.linecorp.decaton.processor.ProcessingContext;
import com.linecorp.decaton.processor.runtime.ConsumedRecord;

import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.kafka.RecordHeaders;

/** Makes tasks of records, whose places {@link RecordPlace} brings. One thread uses it. */
final class RecordSource implements TaskSource<ConsumedRecord>, RecordPlace.Aware {
    private int partition;
    private long offset;

    @Override
    public void nextIsAt(int partition, long offset) {
        this.partition = partition;
        this.offset = offset;
    }

    @Override
    public Task whole(ProcessingContext<ConsumedRecord> context, ConsumedRecord record) {
        return new Task(record.topic(), partition, offset, record.recordTimestampMillis(), record.key(), record.value(),
                RecordHeaders.of(record.headers()), 1);
    }
}
