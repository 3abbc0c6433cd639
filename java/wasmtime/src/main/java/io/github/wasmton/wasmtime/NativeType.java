package io.github.wasmton.wasmtime;

import java.lang.ref.Reference;
import java.util.List;
import java.util.Optional;

import io.github.wasmton.wasmtime.internal.NativeLibrary;
import io.github.wasmton.wasmtime.internal.NativeObject;

/**
 * A reference type that Rust knows by a handle: a value, freed by the garbage collector. For a struct or array type it
 * is the type of references to it that are not null.
 */
final class NativeType {
    static {
        NativeLibrary.register(NativeType.class);
    }

    final long handle;

    /** Takes ownership of a handle. */
    NativeType(long handle) {
        this.handle = handle;
        NativeObject.whenUnreachable(this, destroyer(handle));
    }

    private static Runnable destroyer(long handle) {
        return () -> destroy(handle);
    }

    static NativeType struct(Engine engine, List<FieldType> fields, Optional<NativeType> supertype, boolean isFinal) {
        NativeType above = supertype.orElse(null);
        try {
            return new NativeType(createStruct(Engine.handleOf(engine), FieldType.describe(fields), handleOf(above),
                    isFinal));
        } finally {
            Reference.reachabilityFence(fields);
            Reference.reachabilityFence(above);
        }
    }

    static NativeType array(Engine engine, FieldType element, Optional<NativeType> supertype, boolean isFinal) {
        NativeType above = supertype.orElse(null);
        try {
            return new NativeType(createArray(Engine.handleOf(engine), FieldType.describe(List.of(element)),
                    handleOf(above), isFinal));
        } finally {
            Reference.reachabilityFence(element);
            Reference.reachabilityFence(above);
        }
    }

    private static long handleOf(NativeType type) {
        return type == null ? 0 : type.handle;
    }

    /** Returns the type of references to the same, nullable or not. */
    NativeType reference(boolean nullable) {
        try {
            return new NativeType(reference(handle, nullable));
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Returns the fields of a struct type, or the one of an array type. */
    List<FieldType> fields() {
        try {
            return FieldType.parse(fields(handle));
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    Optional<NativeType> supertype() {
        try {
            long supertype = supertype(handle);
            return supertype == 0 ? Optional.empty() : Optional.of(new NativeType(supertype));
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    boolean isFinal() {
        try {
            return isFinal(handle);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Returns whether values of this type are values of the other type. */
    boolean matches(NativeType other) {
        try {
            return matches(handle, other.handle);
        } finally {
            Reference.reachabilityFence(this);
            Reference.reachabilityFence(other);
        }
    }

    @Override
    public boolean equals(Object other) {
        if (!(other instanceof NativeType type)) {
            return false;
        }
        try {
            return type == this || same(handle, type.handle);
        } finally {
            Reference.reachabilityFence(this);
            Reference.reachabilityFence(type);
        }
    }

    @Override
    public int hashCode() {
        return toString().hashCode();
    }

    /** Returns the text of a struct or array type, without the reference to it. */
    String heapText() {
        String text = toString();
        return text.substring("(ref ".length(), text.length() - 1);
    }

    /** Returns the type in wasm's text format. */
    @Override
    public String toString() {
        try {
            return text(handle);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private static native long createStruct(long engine, String fields, long supertype, boolean isFinal);

    private static native long createArray(long engine, String element, long supertype, boolean isFinal);

    private static native long reference(long nativeType, boolean nullable);

    private static native String fields(long nativeType);

    private static native long supertype(long nativeType);

    private static native boolean isFinal(long nativeType);

    private static native boolean same(long one, long other);

    private static native boolean matches(long one, long other);

    private static native String text(long nativeType);

    private static native void destroy(long nativeType);
}
