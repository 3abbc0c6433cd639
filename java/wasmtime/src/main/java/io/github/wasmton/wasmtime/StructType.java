package io.github.wasmton.wasmtime;

import java.util.List;
import java.util.Optional;

/**
 * The type of a struct of wasm's garbage collector. It belongs to an {@link Engine} and is freed by Java's garbage
 * collector. Any thread may use it.
 *
 * <p>A type that Java makes is the same as a module's with the same fields, if that module declares it alone and not in
 * a group of types ({@code rec}). For other types of a module, see {@link #of}.
 */
public final class StructType {
    private final NativeType nativeType;
    private final List<FieldType> fields;

    StructType(NativeType nativeType) {
        this.nativeType = nativeType;
        fields = nativeType.fields();
    }

    /**
     * Creates a final type without a supertype.
     *
     * @throws IllegalArgumentException if a field's type belongs to another Engine
     * @throws WasmtimeException        if there are too many fields
     */
    public StructType(Engine engine, List<FieldType> fields) {
        this(NativeType.struct(engine, List.copyOf(fields), Optional.empty(), true));
    }

    /** Creates a final type without a supertype, of these fields. */
    public StructType(Engine engine, FieldType... fields) {
        this(engine, List.of(fields));
    }

    /**
     * Creates a type.
     *
     * @param isFinal   false if it can have subtypes
     * @param supertype the type that it is a subtype of
     * @throws IllegalArgumentException if a field's type or the supertype belongs to another Engine
     * @throws WasmtimeException        if the supertype is final, or the fields do not begin with its fields
     */
    public static StructType withFinalityAndSupertype(Engine engine, boolean isFinal, Optional<StructType> supertype,
            List<FieldType> fields) {
        return new StructType(NativeType.struct(engine, List.copyOf(fields), supertype.map(StructType::nativeType),
                isFinal));
    }

    /**
     * Returns the struct type that a type of references names, such as that of a function's parameter.
     *
     * @throws IllegalArgumentException if the type names no struct type, as {@link WasmValType#STRUCTREF} does not
     */
    public static StructType of(WasmValType<?> type) {
        return new StructType(type.named(WasmValType.STRUCTREF));
    }

    NativeType nativeType() {
        return nativeType;
    }

    /** Returns the types of its fields. */
    public List<FieldType> fields() {
        return fields;
    }

    /** Returns whether it can have no subtypes. */
    public boolean isFinal() {
        return nativeType.isFinal();
    }

    /** Returns the type that it was declared a subtype of. */
    public Optional<StructType> supertype() {
        return nativeType.supertype().map(StructType::new);
    }

    /** Returns whether its structs are structs of that type too. */
    public boolean matches(StructType other) {
        return nativeType.matches(other.nativeType);
    }

    /** Returns the type of references to its structs. */
    public WasmValType<StructRef> ref() {
        return WasmValType.STRUCTREF.exact(nativeType);
    }

    /** Returns the type of references to its structs, or null. */
    public WasmValType<StructRef> refNull() {
        return WasmValType.STRUCTREF.exact(nativeType.reference(true));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StructType type && type.nativeType.equals(nativeType);
    }

    @Override
    public int hashCode() {
        return fields.size();
    }

    /** Returns the type in wasm's text format, such as {@code (struct (field i32))}. */
    @Override
    public String toString() {
        return nativeType.heapText();
    }
}
