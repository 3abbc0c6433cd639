package com.linecorp.decaton.processor.runtime;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;

public final class ConsumedRecord {
    private final ConsumerRecord<byte[], byte[]> record;

    ConsumedRecord(ConsumerRecord<byte[], byte[]> record) {
        this.record = record;
    }

    public String topic() {
        return record.topic();
    }

    public long recordTimestampMillis() {
        return record.timestamp();
    }

    public Headers headers() {
        return record.headers();
    }

    public byte[] key() {
        return record.key();
    }

    public byte[] value() {
        return record.value();
    }
}
