package com.linecorp.decaton.processor.runtime;

import java.util.Optional;

@FunctionalInterface
public interface PropertySupplier {
    <T> Optional<Property<T>> getProperty(PropertyDefinition<T> definition);
}
