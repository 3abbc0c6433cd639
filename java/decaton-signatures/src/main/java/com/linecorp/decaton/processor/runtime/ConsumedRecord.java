package com.linecorp.decaton.processor.runtime;

import org.apache.kafka.common.header.Headers;

public final class ConsumedRecord {
    ConsumedRecord() {
    }

    public String topic() {
        throw new UnsupportedOperationException("signatures only");
    }

    public long recordTimestampMillis() {
        throw new UnsupportedOperationException("signatures only");
    }

    public Headers headers() {
        throw new UnsupportedOperationException("signatures only");
    }

    public byte[] key() {
        throw new UnsupportedOperationException("signatures only");
    }

    public byte[] value() {
        throw new UnsupportedOperationException("signatures only");
    }
}
