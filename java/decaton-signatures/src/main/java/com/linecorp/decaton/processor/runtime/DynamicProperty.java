package com.linecorp.decaton.processor.runtime;

public class DynamicProperty<T> implements Property<T> {
    public DynamicProperty(PropertyDefinition<T> definition) {
        throw new UnsupportedOperationException("signatures only");
    }

    @Override
    public PropertyDefinition<T> definition() {
        throw new UnsupportedOperationException("signatures only");
    }

    @Override
    public T value() {
        throw new UnsupportedOperationException("signatures only");
    }

    public T set(T value) {
        throw new UnsupportedOperationException("signatures only");
    }
}
