package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.I32;
import static io.github.wasmton.wasmtime.WasmValType.I64;
import static io.github.wasmton.wasmtime.WasmValType.STRUCTREF;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.github.wasmton.testing.Wasm;

class StructTypeTest {
    private static final FieldType INT = new FieldType(I32, false);

    private final Engine engine = new Engine();

    @AfterEach
    void close() {
        engine.close();
    }

    @Test
    void typesWithTheSameFieldsAreEqual() {
        StructType one = new StructType(engine, INT, new FieldType(PackedType.I16, true));
        StructType same = new StructType(engine, List.of(INT, new FieldType(PackedType.I16, true)));
        assertEquals(one, same);
        assertEquals(one.hashCode(), same.hashCode());
        assertEquals(one.ref(), same.ref());
        assertEquals(one.ref().hashCode(), same.ref().hashCode());
        assertNotEquals(one.ref(), one.refNull());
        assertNotEquals(one, new StructType(engine, INT));
        assertNotEquals(one.ref(), STRUCTREF);
        assertEquals(STRUCTREF, one.ref().kind());
        assertEquals("(struct (field i32) (field (mut i16)))", one.toString());
        assertEquals(List.of(INT, new FieldType(PackedType.I16, true)), one.fields());
        try (Engine other = new Engine()) {
            assertNotEquals(one, new StructType(other, one.fields()));
            assertFalse(one.matches(new StructType(other, one.fields())));
        }
    }

    @Test
    void javasTypeIsThatOfTheModule() {
        StructType nested = new StructType(engine, new FieldType(new StructType(engine, INT).refNull(), true));
        try (Store store = new Store(engine)) {
            Func func = Wasm.instantiate(store, """
                    (module (type $a (struct (field i32))) (type $b (struct (field (mut (ref null $a)))))
                      (func (export "f") (param (ref $b))))""").getFunc("f");
            assertEquals(nested.ref(), func.type().params().get(0));
            assertEquals(nested, StructType.of(func.type().params().get(0)));
            assertEquals("(struct (field (mut (ref null (struct (field i32))))))", nested.toString());
        }
    }

    @Test
    void subtypesMatchTheirSupertype() {
        StructType above = StructType.withFinalityAndSupertype(engine, false, Optional.empty(), List.of(INT));
        StructType below = StructType.withFinalityAndSupertype(engine, true, Optional.of(above),
                List.of(INT, new FieldType(I64, true)));
        assertTrue(below.matches(above));
        assertFalse(above.matches(below));
        assertEquals(Optional.of(above), below.supertype());
        assertEquals(Optional.empty(), above.supertype());
        assertTrue(below.isFinal());
        assertFalse(above.isFinal());
        assertThrows(WasmtimeException.class,
                () -> StructType.withFinalityAndSupertype(engine, true, Optional.of(below), below.fields()));
        assertThrows(WasmtimeException.class,
                () -> StructType.withFinalityAndSupertype(engine, true, Optional.of(above), List.of()));
        try (Store store = new Store(engine)) {
            StructType holder = new StructType(engine, new FieldType(above.ref(), true));
            new StructRef(store, holder, new StructRef(store, below, 1, 2L));
        }
    }

    @Test
    void rejectsTypesThatNameNoStruct() {
        ArrayType array = new ArrayType(engine, INT);
        for (WasmValType<?> wrong : List.of(I32, STRUCTREF, array.ref(), WasmValType.ANYREF)) {
            assertThrows(IllegalArgumentException.class, () -> StructType.of(wrong), wrong.toString());
        }
        assertThrows(IllegalArgumentException.class, () -> ArrayType.of(new StructType(engine, INT).ref()));
        engine.close();
        assertThrows(IllegalStateException.class, () -> new StructType(engine, INT));
        assertEquals(INT, array.element());
    }

    @Test
    void endlessTypesHaveATextToo() {
        try (Store store = new Store(engine)) {
            Func func = Wasm.instantiate(store, "(module (type $list (struct (field (ref null $list))))"
                    + " (func (export \"f\") (param (ref $list))))").getFunc("f");
            assertEquals("(struct (field (ref null (struct (field (ref null (struct ...)))))))",
                    StructType.of(func.type().params().get(0)).toString());
        }
    }

    @Test
    void javaMakesStructsAlsoWhereModulesMayHaveNone() {
        Config config = new Config().wasmFeature(WasmFeature.GC, false)
                .wasmFeature(WasmFeature.FUNCTION_REFERENCES, false).wasmFeature(WasmFeature.EXCEPTIONS, false)
                .wasmFeature(WasmFeature.REFERENCE_TYPES, false);
        try (Engine without = new Engine(config); Store store = new Store(without)) {
            StructType type = new StructType(without, INT);
            assertEquals(1, new StructRef(store, type, 1).field(0));
        }
    }
}
