package io.github.wasmton.internal.kafka;

import java.util.ArrayList;
import java.util.List;

import org.apache.kafka.common.header.Header;

import io.github.wasmton.guest.Task;

/** Conversion of Kafka's headers to those of a task. */
public final class RecordHeaders {
    private RecordHeaders() {
    }

    /** Converts headers without copying their values. A record without headers, as most are, costs an iterator. */
    public static List<Task.Header> of(Iterable<Header> headers) {
        List<Task.Header> copied = List.of();
        for (Header header : headers) {
            if (copied.isEmpty()) {
                copied = new ArrayList<>();
            }
            copied.add(new Task.Header(header.key(), header.value()));
        }
        return copied;
    }
}
