package com.linecorp.decaton.processor.runtime;

public class PropertyDefinition<T> {
    PropertyDefinition() {
    }
}
