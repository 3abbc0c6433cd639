package io.github.wasmton.wasmtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The type of a field of a struct, or of the elements of an array.
 *
 * @param element what it stores
 * @param mutable whether the value can change
 */
public record FieldType(StorageType element, boolean mutable) {
    public FieldType {
        Objects.requireNonNull(element, "element");
    }

    /** Returns the type of its values: {@link WasmValType#I32} for {@link PackedType}. */
    public WasmValType<?> unpacked() {
        return element instanceof WasmValType<?> type ? type : WasmValType.I32;
    }

    static List<WasmValType<?>> unpacked(List<FieldType> fields) {
        List<WasmValType<?>> types = new ArrayList<>();
        fields.forEach(field -> types.add(field.unpacked()));
        return types;
    }

    /** Describes fields for Rust. */
    static String describe(List<FieldType> fields) {
        StringBuilder text = new StringBuilder();
        for (FieldType field : fields) {
            text.append(field.mutable ? 'm' : 'c');
            text.append(field.element instanceof PackedType packed ? packed.letter : field.unpacked().description());
        }
        return text.toString();
    }

    /** Parses the fields that Rust describes. */
    static List<FieldType> parse(String text) {
        List<FieldType> fields = new ArrayList<>();
        TypeReader reader = new TypeReader(text);
        while (reader.hasNext()) {
            boolean mutable = reader.nextLetter() == 'm';
            fields.add(new FieldType(reader.nextStorage(), mutable));
        }
        return List.copyOf(fields);
    }
}
