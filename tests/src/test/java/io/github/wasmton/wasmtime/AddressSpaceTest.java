package io.github.wasmton.wasmtime;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import io.github.wasmton.testing.ChildJvm;

/**
 * Promise: the address space of closed Stores is returned in time, although an uncollected buffer holds it and a large
 * heap has no reason to collect anything.
 */
@Tag("own-jvm")
class AddressSpaceTest {
    @Test
    void closedStoresFreeTheirAddressSpace() {
        new ChildJvm("-Xms1g", "-Xmx1g", "-Xmn900m", "-XX:+UseSerialGC").run(Buffers.class).succeeded();
    }

    static class Buffers {
        /** A number of memories that needs more than the 128 TiB of a process, at 4 GiB each. */
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
