package com.linecorp.decaton.processor.runtime;

public class DynamicProperty<T> implements Property<T> {
    private final PropertyDefinition<T> definition;
    private volatile T value;

    public DynamicProperty(PropertyDefinition<T> definition) {
        this.definition = definition;
        this.value = definition.byDefault;
    }

    @Override
    public PropertyDefinition<T> definition() {
        return definition;
    }

    @Override
    public T value() {
        return value;
    }

    public synchronized T set(T newValue) {
        T before = value;
        value = newValue;
        return before;
    }
}
