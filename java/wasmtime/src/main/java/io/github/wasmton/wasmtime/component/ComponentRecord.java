package io.github.wasmton.wasmtime.component;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;

import io.github.wasmton.wasmtime.internal.KnownNames;

/** An immutable record of WIT whose fields are known at run time only. Two are equal if names and values are. */
public final class ComponentRecord {
    final List<String> names;
    final Object[] values;

    ComponentRecord(List<String> names, Object[] values) {
        this.names = names;
        this.values = values;
    }

    /**
     * Creates a record from alternating names and values, in the order of the type.
     *
     * @throws IllegalArgumentException if a name is not a string or comes twice, or the last has no value
     */
    public static ComponentRecord of(Object... namesAndValues) {
        Objects.requireNonNull(namesAndValues, "namesAndValues");
        Map<String, Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            Object name = Objects.requireNonNull(namesAndValues[i], "name");
            if (!(name instanceof String) || i + 1 == namesAndValues.length) {
                throw new IllegalArgumentException(
                        "a record needs names and values in turn, as in of(\"x\", 1, \"y\", 2)");
            }
            if (fields.putIfAbsent((String) name, Objects.requireNonNull(namesAndValues[i + 1], "value")) != null) {
                throw new IllegalArgumentException("the field '" + name + "' comes twice");
            }
        }
        return of(fields);
    }

    static ComponentRecord of(Map<String, ?> fields) {
        return new ComponentRecord(List.copyOf(fields.keySet()), fields.values().toArray());
    }

    /**
     * Returns the value of a field.
     *
     * @throws NoSuchElementException if there is no such field; the message lists the fields
     */
    public Object get(String name) {
        int index = names.indexOf(Objects.requireNonNull(name, "name"));
        if (index < 0) {
            throw new NoSuchElementException("no field '" + name + "'; " + KnownNames.text(String.join(", ", names)));
        }
        return values[index];
    }

    /** Returns the fields by name, in order. */
    public Map<String, Object> asMap() {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < values.length; i++) {
            fields.put(names.get(i), values[i]);
        }
        return Collections.unmodifiableMap(fields);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ComponentRecord record && names.equals(record.names)
                && Arrays.deepEquals(values, record.values);
    }

    @Override
    public int hashCode() {
        return 31 * names.hashCode() + Arrays.deepHashCode(values);
    }

    @Override
    public String toString() {
        return asMap().toString();
    }
}
