package io.github.wasmton.wasmtime;

import java.util.Objects;
import java.util.Optional;

/**
 * The type of an array of wasm's garbage collector. It belongs to an {@link Engine} and is freed by Java's garbage
 * collector. Any thread may use it.
 *
 * <p>A type that Java makes is the same as a module's with the same elements, if that module declares it alone and not
 * in a group of types ({@code rec}). For other types of a module, see {@link #of}.
 */
public final class ArrayType {
    private final NativeType nativeType;
    private final FieldType element;

    ArrayType(NativeType nativeType) {
        this.nativeType = nativeType;
        element = nativeType.fields().get(0);
    }

    /**
     * Creates a final type without a supertype.
     *
     * @throws IllegalArgumentException if the elements' type belongs to another Engine
     */
    public ArrayType(Engine engine, FieldType element) {
        this(NativeType.array(engine, Objects.requireNonNull(element, "element"), Optional.empty(), true));
    }

    /**
     * Creates a type.
     *
     * @param isFinal   false if it can have subtypes
     * @param supertype the type that it is a subtype of
     * @throws IllegalArgumentException if the elements' type or the supertype belongs to another Engine
     * @throws WasmtimeException        if the supertype is final or its elements do not match
     */
    public static ArrayType withFinalityAndSupertype(Engine engine, boolean isFinal, Optional<ArrayType> supertype,
            FieldType element) {
        return new ArrayType(NativeType.array(engine, Objects.requireNonNull(element, "element"),
                supertype.map(ArrayType::nativeType), isFinal));
    }

    /**
     * Returns the array type that a type of references names, such as that of a function's parameter.
     *
     * @throws IllegalArgumentException if the type names no array type, as {@link WasmValType#ARRAYREF} does not
     */
    public static ArrayType of(WasmValType<?> type) {
        return new ArrayType(type.named(WasmValType.ARRAYREF));
    }

    NativeType nativeType() {
        return nativeType;
    }

    /** Returns the type of its elements. */
    public FieldType element() {
        return element;
    }

    /** Returns whether it can have no subtypes. */
    public boolean isFinal() {
        return nativeType.isFinal();
    }

    /** Returns the type that it was declared a subtype of. */
    public Optional<ArrayType> supertype() {
        return nativeType.supertype().map(ArrayType::new);
    }

    /** Returns whether its arrays are arrays of that type too. */
    public boolean matches(ArrayType other) {
        return nativeType.matches(other.nativeType);
    }

    /** Returns the type of references to its arrays. */
    public WasmValType<ArrayRef> ref() {
        return WasmValType.ARRAYREF.exact(nativeType);
    }

    /** Returns the type of references to its arrays, or null. */
    public WasmValType<ArrayRef> refNull() {
        return WasmValType.ARRAYREF.exact(nativeType.reference(true));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ArrayType type && type.nativeType.equals(nativeType);
    }

    @Override
    public int hashCode() {
        return Boolean.hashCode(element.mutable());
    }

    /** Returns the type in wasm's text format, such as {@code (array (mut i8))}. */
    @Override
    public String toString() {
        return nativeType.heapText();
    }
}
