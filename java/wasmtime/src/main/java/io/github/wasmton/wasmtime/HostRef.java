package io.github.wasmton.wasmtime;

import java.util.Objects;

/**
 * A Java object as a reference of the type {@code any}, as {@code any.convert_extern} makes it of an externref. As an
 * externref it is the object itself.
 *
 * @param object the object
 */
public record HostRef(Object object) implements AnyRef {
    /** Refuses null, and an {@link AnyRef}, which is such a reference already. */
    public HostRef {
        Objects.requireNonNull(object, "object");
        if (object instanceof AnyRef) {
            throw new IllegalArgumentException("an AnyRef needs no HostRef around it: " + object);
        }
    }
}
