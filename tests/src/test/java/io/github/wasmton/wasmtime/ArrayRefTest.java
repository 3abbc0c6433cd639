package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.ANYREF;
import static io.github.wasmton.wasmtime.WasmValType.F64;
import static io.github.wasmton.wasmtime.WasmValType.I32;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.github.wasmton.testing.Wasm;

class ArrayRefTest {
    private final Engine engine = new Engine();
    private final Store store = new Store(engine);
    private final ArrayType bytes = new ArrayType(engine, new FieldType(PackedType.I8, true));

    @AfterEach
    void close() {
        store.close();
        engine.close();
    }

    private ArrayType type(WasmValType<?> element) {
        return new ArrayType(engine, new FieldType(element, true));
    }

    @Test
    void arraysAreMadeInThreeWays() {
        ArrayRef filled = new ArrayRef(store, type(F64), 1.5, 3);
        assertEquals(List.of(1.5, 1.5, 1.5), filled.elements());
        ArrayRef fixed = ArrayRef.of(store, type(ANYREF), new I31(1), null, filled);
        assertEquals(3, fixed.length());
        assertEquals(new I31(1), fixed.get(0));
        assertEquals(1.5, ((ArrayRef) fixed.elements().get(2)).get(1));
        ArrayRef text = ArrayRef.ofBytes(store, bytes, "grün".getBytes(UTF_8));
        assertEquals("grün", new String(text.bytes(), UTF_8));
        assertEquals(0xc3, text.get(2), "without a sign");
        assertEquals(0, ArrayRef.of(store, bytes).length());
        assertEquals(List.of(), new ArrayRef(store, bytes, 1, 0).elements());
        assertArrayEquals(new byte[0], ArrayRef.ofBytes(store, bytes, new byte[0]).bytes());
    }

    @Test
    void elementsCanBeChanged() {
        ArrayRef array = ArrayRef.of(store, type(I32), 1, 2, 3);
        array.set(1, 20);
        assertEquals(List.of(1, 20, 3), array.elements());
        ArrayRef any = new ArrayRef(store, type(ANYREF), new HostRef("a"), 2);
        any.set(0, any);
        any.set(1, null);
        assertEquals(true, any.refEq((ArrayRef) any.get(0)));
        assertEquals(null, any.get(1));
    }

    @Test
    void wasmReadsWhatJavaMadeAndJavaWhatWasmMade() {
        Instance guest = Wasm.instantiate(store, """
                (module
                  (type $bytes (array (mut i8)))
                  (func (export "upper") (param $in (ref $bytes)) (result (ref $bytes))
                    (local $i i32)
                    (block $end
                      (loop $again
                        (br_if $end (i32.eq (local.get $i) (array.len (local.get $in))))
                        (array.set $bytes (local.get $in) (local.get $i)
                          (i32.sub (array.get_u $bytes (local.get $in) (local.get $i)) (i32.const 32)))
                        (local.set $i (i32.add (local.get $i) (i32.const 1)))
                        (br $again)))
                    (local.get $in)))""");
        Func upper = guest.getFunc("upper");
        ArrayType type = ArrayType.of(upper.type().params().get(0));
        assertEquals(bytes, type);
        ArrayRef text = ArrayRef.ofBytes(store, bytes, "wasm".getBytes(UTF_8));
        ArrayRef same = (ArrayRef) upper.call(text)[0];
        assertEquals("WASM", new String(same.bytes(), UTF_8));
        assertEquals(true, same.refEq(text));
        assertEquals(bytes, same.type());
    }

    @Test
    void everyMisuseIsAnException() {
        ArrayRef array = ArrayRef.of(store, type(I32), 1, 2);
        for (long index : new long[] {-1, 2, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertThrows(IndexOutOfBoundsException.class, () -> array.get(index));
            assertThrows(IndexOutOfBoundsException.class, () -> array.set(index, 1));
        }
        assertThrows(IllegalArgumentException.class, () -> array.set(0, 1L));
        assertThrows(IllegalArgumentException.class, () -> ArrayRef.of(store, type(I32), 1, "2"));
        for (long length : new long[] {-1, 1L << 32, Long.MAX_VALUE}) {
            assertThrows(IllegalArgumentException.class, () -> new ArrayRef(store, bytes, 0, length));
        }
        ArrayRef constant = ArrayRef.of(store, new ArrayType(engine, new FieldType(I32, false)), 1);
        assertThrows(WasmtimeException.class, () -> constant.set(0, 2), "not mutable");
        assertThrows(WasmtimeException.class, () -> array.bytes());
        assertThrows(WasmtimeException.class, () -> ArrayRef.ofBytes(store, type(I32), new byte[4]));
        try (Engine other = new Engine(); Store foreign = new Store(other)) {
            assertThrows(IllegalArgumentException.class, () -> ArrayRef.ofBytes(foreign, bytes, new byte[1]));
        }
    }

    @Test
    void heapIsLimitedByTheStore() {
        store.limits(StoreLimits.DEFAULT.withMemorySize(1 << 20));
        assertEquals(1000, new ArrayRef(store, bytes, 0, 1000).length());
        assertThrows(ResourceLimitException.class, () -> new ArrayRef(store, bytes, 0, 2 << 20));
        store.limits(StoreLimits.DEFAULT);
        byte[] large = new byte[2 << 20];
        Arrays.fill(large, (byte) 7);
        assertArrayEquals(large, ArrayRef.ofBytes(store, bytes, large).bytes());
    }
}
