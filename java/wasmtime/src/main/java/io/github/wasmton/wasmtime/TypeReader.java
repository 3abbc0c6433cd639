package io.github.wasmton.wasmtime;

import java.util.ArrayList;
import java.util.List;

/** A reader of types as Rust describes them; see letters.rs. It takes ownership of the handles in them. */
final class TypeReader {
    private final String text;
    private int at;

    TypeReader(String text) {
        this.text = text;
    }

    static List<WasmValType<?>> readAll(String text) {
        TypeReader reader = new TypeReader(text);
        List<WasmValType<?>> types = new ArrayList<>();
        while (reader.hasNext()) {
            types.add(reader.next());
        }
        return types;
    }

    boolean hasNext() {
        return at < text.length();
    }

    char nextLetter() {
        return text.charAt(at++);
    }

    WasmValType<?> next() {
        WasmValType<?> type = WasmValType.of(nextLetter());
        if (!hasNext() || text.charAt(at) != '@') {
            return type;
        }
        int end = text.indexOf(';', at);
        long handle = Long.parseLong(text, at + 1, end, 10);
        at = end + 1;
        return type.exact(new NativeType(handle));
    }

    StorageType nextStorage() {
        for (PackedType packed : PackedType.values()) {
            if (text.charAt(at) == packed.letter) {
                at++;
                return packed;
            }
        }
        return next();
    }
}
