package io.github.wasmton.wasmtime.component;

import java.util.Objects;

/**
 * A value of a variant of WIT whose cases are known at run time only.
 *
 * @param name  the name of the case
 * @param value the case's value; null if it has none
 */
public record ComponentVariant(String name, Object value) {
    public ComponentVariant {
        Objects.requireNonNull(name, "name");
    }

    /** Creates a case without a value. */
    public ComponentVariant(String name) {
        this(name, null);
    }

    @Override
    public String toString() {
        return value == null ? name : name + '(' + value + ')';
    }
}
