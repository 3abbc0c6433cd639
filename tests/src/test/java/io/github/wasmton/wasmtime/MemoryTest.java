package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.I32;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.wasmton.testing.Wasm;

class MemoryTest {
    private static final int PAGE = 65536;
    private static final String ONE_PAGE = """
            (module
              (memory (export "memory") 1 5)
              (data (i32.const 0) "\\01\\02\\03\\04hello")
              (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0)))
              (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))""";

    private Store store;
    private Instance instance;
    private Memory memory;

    @BeforeEach
    void instantiate() {
        store = new Store();
        instance = Wasm.instantiate(store, ONE_PAGE);
        memory = instance.getMemory("memory");
    }

    @AfterEach
    void close() {
        store.close();
    }

    private int load(int address) {
        return WasmFunctions.func(instance.getFunc("load"), I32, I32).call(address);
    }

    @Test
    void bufferIsTheWholeMemoryLittleEndianFromTheStart() {
        ByteBuffer buffer = memory.buffer();
        assertEquals(ByteOrder.LITTLE_ENDIAN, buffer.order());
        assertEquals(0, buffer.position());
        assertEquals(PAGE, buffer.limit());
        assertEquals(PAGE, buffer.capacity());
        assertTrue(buffer.isDirect());
        assertFalse(buffer.isReadOnly());
        assertEquals(0x04030201, buffer.getInt());
    }

    @Test
    void everyBufferHasItsOwnPosition() {
        ByteBuffer one = memory.buffer();
        one.position(100).limit(200).order(ByteOrder.BIG_ENDIAN);
        ByteBuffer other = memory.buffer();
        assertEquals(0, other.position());
        assertEquals(PAGE, other.limit());
        assertEquals(ByteOrder.LITTLE_ENDIAN, other.order());
    }

    /** Uses the buffer as the article does, without setting the byte order. */
    @Test
    void wasmAndJavaSeeEachOthersWrites() {
        memory.buffer().putInt(0x1234, 7);
        assertEquals(7, load(0x1234));
        assertEquals(0, load(0x1237));
        memory.write(PAGE - 3, new byte[] {1, 2, 3}, 0, 3);
        assertEquals(3, load(PAGE - 1));
        byte[] hello = new byte[7];
        memory.read(4, hello, 1, 5);
        assertEquals("\0hello\0", new String(hello, StandardCharsets.US_ASCII));
    }

    @Test
    void everyByteValuePassesThrough() {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        memory.write(1000, all, 0, 256);
        byte[] read = new byte[256];
        memory.read(1000, read, 0, 256);
        assertArrayEquals(all, read);
        assertEquals(255, load(1255));
    }

    @ParameterizedTest
    @CsvSource({
        "-1, 0, 1", "65536, 0, 1", "65535, 0, 2", "65537, 0, 0", "-9223372036854775808, 0, 1",
        "9223372036854775807, 0, 1", "9223372036854775807, 0, 10", "4294967296, 0, 1", "4294967295, 0, 1",
        "0, -1, 1", "0, 0, -1", "0, 0, 11", "0, 10, 1", "0, 11, 0", "0, 2147483647, 1", "0, 1, 2147483647",
        "0, -2147483648, -2147483648"
    })
    void aRangeThatIsNotThereIsRefusedAndNothingIsCopied(long address, int offset, int length) {
        byte[] array = new byte[10];
        Arrays.fill(array, (byte) 9);
        assertThrows(IndexOutOfBoundsException.class, () -> memory.read(address, array, offset, length));
        assertThrows(IndexOutOfBoundsException.class, () -> memory.write(address, array, offset, length));
        for (byte b : array) {
            assertEquals(9, b);
        }
        assertEquals(0x04030201, memory.buffer().getInt(0));
        assertEquals(0, load(PAGE - 1));
    }

    @Test
    void emptyCopiesAtTheVeryEndsWork() {
        memory.read(PAGE, new byte[0], 0, 0);
        memory.write(PAGE, new byte[10], 10, 0);
        memory.write(PAGE - 10, new byte[] {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 0, 10);
        assertEquals(1, load(PAGE - 1));
    }

    @Test
    void wasmAndJavaGrowItUpToItsMaximum() {
        assertEquals(1, memory.grow(2));
        assertEquals(3, memory.size());
        assertEquals(3 * PAGE, memory.dataSize());
        assertEquals(3, WasmFunctions.func(instance.getFunc("grow"), I32, I32).call(1));
        assertEquals(4, memory.size());
        assertEquals(4, memory.grow(0));
        for (long pages : new long[] {2, PAGE, 1L << 48, Long.MAX_VALUE}) {
            assertEquals(-1, memory.grow(pages), pages + " pages");
        }
        assertEquals(4, memory.size());
        assertEquals(4, memory.grow(1));
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE})
    void rejectsANegativeGrowth(long pages) {
        assertThrows(IllegalArgumentException.class, () -> memory.grow(pages));
        assertEquals(1, memory.size());
    }

    @Test
    void oldBufferKeepsItsPartAfterGrowth() {
        ByteBuffer before = memory.buffer();
        for (int pages = 2; pages <= 5; pages++) {
            memory.grow(1);
            ByteBuffer after = memory.buffer();
            assertEquals(pages * PAGE, after.capacity());
            assertEquals(PAGE, before.capacity());
            before.put(pages, (byte) (10 * pages));
            assertEquals(10 * pages, after.get(pages), "both are the same memory");
            assertEquals(10 * pages, load(pages));
            after.put(pages * PAGE - 1, (byte) 1);
            assertEquals(1, load(pages * PAGE - 1));
        }
    }

    @Test
    void memoryWithoutPagesHasAnEmptyBuffer() {
        Memory empty = Wasm.instantiate(store, "(module (memory (export \"memory\") 0))").getMemory("memory");
        assertEquals(0, empty.buffer().capacity());
        assertEquals(0, empty.grow(1));
        empty.buffer().putInt(0, 5);
        assertEquals(5, empty.buffer().getInt(0));
    }

    @Test
    void memoryLargerThanABufferIsReadAndWritten() {
        Memory large = Wasm.instantiate(store, "(module (memory (export \"memory\") 32769))").getMemory("memory");
        assertEquals(32769L * PAGE, large.dataSize());
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, large::buffer);
        assertTrue(e.getMessage().contains("2147549184 bytes"), e.getMessage());
        byte[] bytes = {1, 2, 3};
        large.write(32768L * PAGE + 5, bytes, 0, 3);
        byte[] read = new byte[3];
        large.read(32768L * PAGE + 5, read, 0, 3);
        assertArrayEquals(bytes, read);
    }

    @Test
    void allImportersSeeTheSameMemory() {
        try (Linker linker = new Linker(store)) {
            linker.define("m", "memory", Extern.fromMemory(memory));
            Instance other = Wasm.instantiate(linker, """
                    (module (import "m" "memory" (memory 1)) (export "again" (memory 0))
                      (func (export "store") (i32.store8 (i32.const 500) (i32.const 77))))""");
            WasmFunctions.consumer(other.getFunc("store")).accept();
            assertEquals(77, memory.buffer().get(500));
            assertEquals(77, other.getMemory("again").buffer().get(500));
        }
    }

    @Test
    void closeHasNoEffect() {
        memory.close();
        memory.close();
        assertEquals(PAGE, memory.buffer().capacity());
    }

    @Test
    void memoryOfAClosedStoreThrows() {
        memory.buffer();
        store.close();
        assertThrows(IllegalStateException.class, memory::buffer);
        assertThrows(IllegalStateException.class, memory::size);
        assertThrows(IllegalStateException.class, () -> memory.grow(1));
        assertThrows(IllegalStateException.class, () -> memory.read(0, new byte[1], 0, 1));
        assertThrows(IllegalStateException.class, () -> memory.write(0, new byte[1], 0, 1));
    }

    /** Covers a known fault of older bindings, which ended the JVM. */
    @Test
    void bufferWorksAfterItsStoreIsClosed() {
        ByteBuffer before = memory.buffer();
        memory.grow(3);
        ByteBuffer buffer = memory.buffer();
        store.close();
        for (int i = 0; i < buffer.capacity(); i++) {
            buffer.put(i, (byte) i);
        }
        assertEquals(9, before.get(256 + 9));
        assertEquals((byte) -1, buffer.get(4 * PAGE - 1));
    }

    /** Checks that the buffer does not dangle: other memories would soon occupy its addresses. */
    @Test
    void bufferOutlivesEverythingThatBelongedToIt() throws Exception {
        record Left(ByteBuffer buffer, WeakReference<Store> store, int mark) {}
        List<Left> left = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Store forgotten = new Store();
            Memory itsMemory = Wasm.instantiate(forgotten, ONE_PAGE).getMemory("memory");
            ByteBuffer buffer = itsMemory.buffer();
            buffer.putInt(100, i);
            if (i % 2 == 0) {
                forgotten.close();
            }
            // A slice of a slice keeps the whole alive, too.
            left.add(new Left(i % 3 == 0 ? buffer.slice().position(4).slice().order(ByteOrder.LITTLE_ENDIAN) : buffer,
                    new WeakReference<>(forgotten), i));
        }
        for (int round = 0; left.stream().anyMatch(l -> l.store.get() != null); round++) {
            if (round == 100) {
                fail("the Stores were still reachable after 100 collections");
            }
            System.gc();
            Thread.sleep(10);
        }
        for (int i = 0; i < 50; i++) {
            try (Store next = new Store()) {
                ByteBuffer buffer = Wasm.instantiate(next, ONE_PAGE).getMemory("memory").buffer();
                buffer.putInt(100, -1);
                buffer.putInt(96, -1);
            }
        }
        for (Left l : left) {
            assertEquals(l.mark, l.buffer.getInt(l.mark % 3 == 0 ? 96 : 100));
            l.buffer.put(l.buffer.capacity() - 1, (byte) 1);
        }
    }
}
