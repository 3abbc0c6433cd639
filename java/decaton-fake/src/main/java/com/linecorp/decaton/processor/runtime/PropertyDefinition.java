package com.linecorp.decaton.processor.runtime;

public class PropertyDefinition<T> {
    private final String name;
    private final Class<?> type;
    final T byDefault;

    PropertyDefinition(String name, Class<T> type, T byDefault) {
        this.name = name;
        this.type = type;
        this.byDefault = byDefault;
    }

    public String name() {
        return name;
    }

    public Class<?> runtimeType() {
        return type;
    }

    public boolean isValid(Object value) {
        return type.isInstance(value);
    }
}
