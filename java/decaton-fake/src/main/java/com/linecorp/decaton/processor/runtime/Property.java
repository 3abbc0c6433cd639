package com.linecorp.decaton.processor.runtime;

public interface Property<T> {
    PropertyDefinition<T> definition();

    T value();

    static <T> Property<T> ofStatic(PropertyDefinition<T> definition, T value) {
        DynamicProperty<T> property = new DynamicProperty<>(definition);
        property.set(value);
        return property;
    }
}
