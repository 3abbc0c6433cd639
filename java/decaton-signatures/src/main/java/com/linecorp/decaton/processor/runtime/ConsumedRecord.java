package com.linecorp.decaton.processor.runtime;

public final class ConsumedRecord {
    ConsumedRecord() {
    }

    public String topic() {
        throw new UnsupportedOperationException("signatures only");
    }

    public long recordTimestampMillis() {
        throw new UnsupportedOperationException("signatures only");
    }

    public byte[] value() {
        throw new UnsupportedOperationException("signatures only");
    }
}
