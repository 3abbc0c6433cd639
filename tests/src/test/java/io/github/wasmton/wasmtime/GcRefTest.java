package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.ANYREF;
import static io.github.wasmton.wasmtime.WasmValType.EXTERNREF;
import static io.github.wasmton.wasmtime.WasmValType.I32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.github.wasmton.testing.Wasm;

/** Lifetimes and owners of references to structs and arrays. */
class GcRefTest {
    private static final int MIB = 1 << 20;

    private final Engine engine = new Engine();
    private final Store store = new Store(engine);
    private final ArrayType bytes = new ArrayType(engine, new FieldType(PackedType.I8, true));
    private final StructType box = new StructType(engine, new FieldType(EXTERNREF, true));

    @AfterEach
    void close() {
        store.close();
        engine.close();
    }

    private ArrayRef mebibyte() {
        return new ArrayRef(store, bytes, 1, MIB);
    }

    @Test
    void openReferencesSurviveEveryCollection() {
        ArrayRef kept = ArrayRef.ofBytes(store, bytes, new byte[] {1, 2, 3});
        for (int i = 0; i < 20; i++) {
            mebibyte().close();
            store.gc();
        }
        assertEquals(List.of(1, 2, 3), kept.elements());
    }

    @Test
    void closedReferencesFreeTheirMemory() {
        store.limits(StoreLimits.DEFAULT.withMemorySize(16 * MIB));
        for (int i = 0; i < 1000; i++) {
            mebibyte().close();
        }
    }

    @Test
    void forgottenReferencesFreeTheirMemory() {
        store.limits(StoreLimits.DEFAULT.withMemorySize(16 * MIB));
        for (int i = 0; i < 100; i++) {
            mebibyte();
        }
    }

    @Test
    void heapFullOfOpenReferencesIsAnException() {
        store.limits(StoreLimits.DEFAULT.withMemorySize(4 * MIB));
        List<ArrayRef> open = new ArrayList<>();
        assertThrows(ResourceLimitException.class, () -> {
            while (true) {
                open.add(mebibyte());
            }
        });
        assertTrue(open.size() <= 4, open.size() + " MiB");
        open.forEach(ArrayRef::close);
        assertEquals(MIB, mebibyte().length());
    }

    @Test
    void closingOneReferenceAffectsNoOther() {
        ArrayRef inner = ArrayRef.ofBytes(store, bytes, new byte[] {7});
        StructRef outer = new StructRef(store, new StructType(engine, new FieldType(ANYREF, true)), inner);
        ArrayRef again = (ArrayRef) outer.field(0);
        assertTrue(inner.refEq(again));
        inner.close();
        inner.close();
        assertThrows(IllegalStateException.class, inner::length);
        assertThrows(IllegalStateException.class, () -> outer.setField(0, inner));
        assertThrows(IllegalStateException.class, () -> again.refEq(inner));
        store.gc();
        assertEquals(7, again.get(0));
        again.close();
        store.gc();
        assertEquals(7, ((ArrayRef) outer.field(0)).get(0));
    }

    @Test
    void closedStoreClosesItsReferences() {
        ArrayRef array = ArrayRef.ofBytes(store, bytes, new byte[] {7});
        StructRef struct = new StructRef(store, box, "a");
        store.close();
        assertThrows(IllegalStateException.class, array::length);
        assertThrows(IllegalStateException.class, array::bytes);
        assertThrows(IllegalStateException.class, () -> struct.field(0));
        assertThrows(IllegalStateException.class, () -> struct.setField(0, null));
        assertThrows(IllegalStateException.class, () -> new StructRef(store, box, "b"));
        struct.close();
        array.close();
    }

    @Test
    void objectsInStructsAreFreedWithThem() throws Exception {
        StructRef struct = new StructRef(store, box, new Object());
        WeakReference<Object> held = new WeakReference<>(struct.field(0));
        store.gc();
        System.gc();
        assertFalse(held.refersTo(null));
        struct.close();
        store.gc();
        for (int i = 0; i < 100 && !held.refersTo(null); i++) {
            System.gc();
            Thread.sleep(10);
        }
        assertTrue(held.refersTo(null));
    }

    @Test
    void anotherThreadIsRejectedWhileTheStoreIsInUse() throws Exception {
        StructRef struct = new StructRef(store, box, "a");
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch tried = new CountDownLatch(1);
        Func wait = WasmFunctions.wrap(store, () -> {
            inside.countDown();
            try {
                tried.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            assertEquals("a", struct.field(0), "the calling thread may");
        });
        Thread caller = new Thread(() -> WasmFunctions.consumer(wait).accept());
        caller.start();
        inside.await();
        assertThrows(IllegalStateException.class, () -> struct.field(0));
        assertThrows(IllegalStateException.class, () -> struct.refEq(struct));
        tried.countDown();
        caller.join();
    }

    @Test
    void wasmExceptionsCarryReferences() {
        Tag tag = new Tag(store, TagType.of(ANYREF, I32));
        try (Linker linker = new Linker(store)) {
            linker.define("host", "tag", Extern.fromTag(tag));
            linker.define("host", "back", WasmFunctions.wrap(WasmValType.STRUCTREF, struct -> {
                throw new WasmException(tag, struct, 2);
            }));
            Func f = Wasm.instantiate(linker, """
                    (module
                      (type $box (struct (field (mut externref))))
                      (import "host" "tag" (tag $tag (param anyref i32)))
                      (import "host" "back" (func $back (param structref)))
                      (func (export "f") (param externref)
                        (block $caught (result anyref i32)
                          (try_table (catch $tag $caught)
                            (call $back (struct.new $box (local.get 0))))
                          (unreachable))
                        (throw $tag)))""").getFunc("f");
            WasmException thrown = assertThrows(WasmException.class, () -> f.call("text"));
            store.gc();
            assertEquals("text", ((StructRef) thrown.values().get(0)).field(0));
            assertEquals(2, thrown.values().get(1));
            Func again = WasmFunctions.wrap(store, () -> {
                throw thrown;
            });
            assertEquals(thrown, assertThrows(WasmException.class, () -> WasmFunctions.consumer(again).accept()));
        }
    }
}
