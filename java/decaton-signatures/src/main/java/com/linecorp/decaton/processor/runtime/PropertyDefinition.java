package com.linecorp.decaton.processor.runtime;

public class PropertyDefinition<T> {
    PropertyDefinition() {
    }

    public String name() {
        throw new UnsupportedOperationException("signatures only");
    }

    public Class<?> runtimeType() {
        throw new UnsupportedOperationException("signatures only");
    }

    public boolean isValid(Object value) {
        throw new UnsupportedOperationException("signatures only");
    }
}
