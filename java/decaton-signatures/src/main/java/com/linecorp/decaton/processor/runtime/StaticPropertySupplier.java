package com.linecorp.decaton.processor.runtime;

import java.util.Collection;
import java.util.Optional;

public class StaticPropertySupplier implements PropertySupplier {
    StaticPropertySupplier() {
    }

    public static StaticPropertySupplier of(Collection<Property<?>> properties) {
        throw new UnsupportedOperationException("signatures only");
    }

    @Override
    public <T> Optional<Property<T>> getProperty(PropertyDefinition<T> definition) {
        throw new UnsupportedOperationException("signatures only");
    }
}
