package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.I32;
import static io.github.wasmton.wasmtime.WasmValType.I64;
import static io.github.wasmton.wasmtime.WasmValType.OTHER_REF;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.github.wasmton.testing.Wasm;

class TagTest {
    private final Store store = new Store();

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void returnsItsType() {
        TagType type = TagType.of(I32, I64);
        Tag tag = new Tag(store, type);
        assertEquals(type, tag.type());
        assertEquals(type, Extern.fromTag(tag).type());
        assertEquals(List.of(I32, I64), type.payload());
        assertEquals(tag, Extern.fromTag(tag).tag());
    }

    @Test
    void exportEqualsTheImportedTag() {
        try (Linker linker = new Linker(store)) {
            Tag tag = new Tag(store, TagType.of(I32));
            linker.define("host", "tag", Extern.fromTag(tag));
            Instance instance = Wasm.instantiate(linker, """
                    (module (import "host" "tag" (tag $t (param i32))) (export "same" (tag $t))
                      (tag (export "other") (param i32)))""");
            Tag same = instance.getExport("same").orElseThrow().tag();
            assertEquals(tag, same);
            assertEquals(tag.hashCode(), same.hashCode());
            assertNotEquals(tag, instance.getExport("other").orElseThrow().tag());
            assertEquals(tag, linker.getOneByName("host", "tag").tag());
        }
    }

    @Test
    void rejectsAnImportOfAnotherType() {
        try (Linker linker = new Linker(store)) {
            linker.define("host", "tag", Extern.fromTag(new Tag(store, TagType.of(I64))));
            assertThrows(WasmtimeException.class,
                    () -> Wasm.instantiate(linker, "(module (import \"host\" \"tag\" (tag (param i32))))"));
        }
    }

    @Test
    void rejectsTypesWithResultsOrInternalReferences() {
        assertThrows(IllegalArgumentException.class, () -> new TagType(new FuncType(List.of(), List.of(I32))));
        assertThrows(IllegalArgumentException.class, () -> new Tag(store, TagType.of(OTHER_REF)));
    }
}
