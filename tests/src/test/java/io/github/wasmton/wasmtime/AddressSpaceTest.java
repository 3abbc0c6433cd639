package io.github.wasmton.wasmtime;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import io.github.wasmton.testing.ChildJvm;

/**
 * Promise: the address space of closed Stores comes back in time, although a buffer keeps it until it is collected and a
 * large heap has no reason to collect anything.
 */
@Tag("own-jvm")
class AddressSpaceTest {
    @Test
    void moreMemoriesThanThereIsAddressSpaceFor() {
        new ChildJvm("-Xms1g", "-Xmx1g", "-Xmn900m", "-XX:+UseSerialGC").run(Buffers.class).succeeded();
    }

    static class Buffers {
        /** At 4 GiB each, more than the 128 TiB that a process has. */
        private static final int TIMES = 50_000;

        public static void main(String[] args) {
            for (int i = 0; i < TIMES; i++) {
                try (Store store = new Store()) {
                    new Memory(store, new MemoryType(1)).buffer().put(0, (byte) 1);
                }
            }
        }
    }
}
