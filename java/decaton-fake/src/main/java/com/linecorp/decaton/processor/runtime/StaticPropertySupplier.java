package com.linecorp.decaton.processor.runtime;

import java.util.Collection;
import java.util.List;
import java.util.Optional;

public class StaticPropertySupplier implements PropertySupplier {
    private final List<Property<?>> properties;

    StaticPropertySupplier(Collection<Property<?>> properties) {
        this.properties = List.copyOf(properties);
    }

    public static StaticPropertySupplier of(Collection<Property<?>> properties) {
        return new StaticPropertySupplier(properties);
    }

    @Override
    @SuppressWarnings("unchecked")  // a definition is one object, and so is its type
    public <T> Optional<Property<T>> getProperty(PropertyDefinition<T> definition) {
        return properties.stream().filter(property -> property.definition() == definition).findFirst()
                .map(property -> (Property<T>) property);
    }
}
