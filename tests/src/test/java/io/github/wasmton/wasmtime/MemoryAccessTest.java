package io.github.wasmton.wasmtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.OptionalLong;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The typed accessors of {@link Memory}, and memories created by Java. */
class MemoryAccessTest {
    private final Store store = new Store();
    private final Memory memory = new Memory(store, new MemoryType(1, 2));

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void numbersAreLittleEndian() {
        memory.putLong(8, 0x1122_3344_5566_7788L);
        assertEquals(0x1122_3344_5566_7788L, memory.getLong(8));
        assertEquals(0x5566_7788, memory.getInt(8));
        assertEquals(0x7788, memory.getShort(8));
        assertEquals((byte) 0x88, memory.getByte(8));
        assertEquals(0x1122_3344_5566_7788L, memory.buffer().getLong(8));
        memory.putInt(8, -1);
        memory.putShort(12, (short) 0);
        memory.putByte(14, (byte) 1);
        assertEquals(0x1101_0000_FFFF_FFFFL, memory.getLong(8));
        memory.putFloat(0, -0.0f);
        assertEquals(-0.0f, memory.getFloat(0));
        memory.putDouble(0, Math.E);
        assertEquals(Math.E, memory.getDouble(0));
    }

    @Test
    void stringsAreUtf8() {
        String text = "Grüße, 世界 🎉";
        int length = memory.putString(100, text);
        assertEquals(text, memory.getString(100, length));
        memory.putByte(0, (byte) 0xFF);
        assertEquals("\uFFFD", memory.getString(0, 1));
        assertEquals("", memory.getString(65_536, 0));
    }

    @Test
    void accessEndsWithTheLastByte() {
        memory.putInt(65_532, 7);
        assertEquals(7, memory.getInt(65_532));
        for (long address : new long[] {65_533, 65_536, -1, Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertThrows(IndexOutOfBoundsException.class, () -> memory.getInt(address));
            assertThrows(IndexOutOfBoundsException.class, () -> memory.putInt(address, 1));
            assertThrows(IndexOutOfBoundsException.class, () -> memory.putString(address, "four"));
        }
        assertThrows(IndexOutOfBoundsException.class, () -> memory.getString(65_000, 1000));
        assertThrows(NegativeArraySizeException.class, () -> memory.getString(0, -1));
    }

    @Test
    void typeHasTheLimits() {
        assertEquals(1, memory.grow(1));
        assertEquals(-1, memory.grow(1));
        assertEquals(new MemoryType(1, 2), memory.type());
        assertEquals(new MemoryType(1, 2), Extern.fromMemory(memory).type());
        Memory large = new Memory(store, new MemoryType(1, OptionalLong.empty(), true, false, MemoryType.PAGE_SIZE));
        assertEquals(true, large.type().is64());
        assertThrows(IllegalArgumentException.class, () -> new MemoryType(2, 1));
        assertThrows(IllegalArgumentException.class, () -> new MemoryType(-1));
        assertThrows(IllegalArgumentException.class, () -> new Memory(store, new MemoryType(70_000)));
    }

    @Test
    void memoryOfAClosedStoreThrows() {
        store.close();
        assertThrows(IllegalStateException.class, () -> memory.getInt(0));
        assertThrows(IllegalStateException.class, () -> memory.putInt(0, 1));
        assertThrows(IllegalStateException.class, memory::type);
    }
}
