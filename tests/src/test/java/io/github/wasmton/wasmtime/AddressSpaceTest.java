package io.github.wasmton.wasmtime;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

import io.github.wasmton.testing.ChildJvm;

/**
 * Promise: the address space of closed and of forgotten Stores is returned in time, although a large heap has no reason
 * to collect anything. Where no room is left, that is an exception and not the end of the JVM.
 */
@Tag("own-jvm")
class AddressSpaceTest {
    @Test
    void closedStoresFreeTheirAddressSpace() {
        largeHeap().run(Buffers.class).succeeded();
    }

    @Test
    void forgottenStoresFreeTheirAddressSpace() {
        largeHeap().run(Forgotten.class).succeeded();
    }

    @Test
    void hundredPoolingEnginesWorkAtOnce() {
        new ChildJvm().run(Pools.class).succeeded();
    }

    @Test
    void limitOfMappingsThrows() {
        new ChildJvm().run(Mappings.class).succeeded();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void limitOfAddressSpaceThrows() {
        new ChildJvm("-Xmx256m").under("sh", "-c", "ulimit -v 400000000; exec \"$0\" \"$@\"")
                .run(Mappings.class, "reserving").succeeded();
    }

    private static ChildJvm largeHeap() {
        return new ChildJvm("-Xms1g", "-Xmx1g", "-Xmn900m", "-XX:+UseSerialGC");
    }

    static class Forgotten {
        /** At 4 GiB each, more than the 128 TiB that a process has. */
        private static final int TIMES = 50_000;

        public static void main(String[] args) {
            try (Engine engine = new Engine()) {
                for (int i = 0; i < TIMES; i++) {
                    new Memory(new Store(engine), new MemoryType(1)).putByte(0, (byte) 1);
                }
            }
        }
    }

    static class Pools {
        public static void main(String[] args) {
            PoolingAllocationConfig pool = new PoolingAllocationConfig().totalCoreInstances(10).totalMemories(10);
            for (int i = 0; i < 100; i++) {
                Engine engine = new Engine(new Config().allocationStrategy(pool));
                Linker linker = new Linker(new Store(engine));
                linker.instantiate(Module.fromWat(engine, "(module (memory 1) (table 10 funcref))"));
            }
        }
    }

    /**
     * Makes more instances than there are mappings for by several threads, and closes them, twice. With an argument,
     * the memories reserve 4 GiB each, as by default.
     */
    static class Mappings {
        private static final String WAT = "(module" + " (memory 1)".repeat(8) + ")";

        public static void main(String[] args) throws InterruptedException {
            Config config = args.length > 0 ? new Config() : new Config().memoryReservation(1 << 20);
            try (Engine engine = new Engine(config);
                 Module module = Module.fromWat(engine, WAT)) {
                for (int round = 0; round < 2; round++) {
                    Thread[] threads = new Thread[4];
                    for (int i = 0; i < threads.length; i++) {
                        threads[i] = new Thread(() -> fill(engine, module));
                        threads[i].setUncaughtExceptionHandler((thread, e) -> {
                            e.printStackTrace();
                            Runtime.getRuntime().halt(1);
                        });
                        threads[i].start();
                    }
                    for (Thread thread : threads) {
                        thread.join();
                    }
                }
            }
        }

        private static void fill(Engine engine, Module module) {
            List<Store> stores = new ArrayList<>();
            try {
                while (true) {
                    Store store = new Store(engine);
                    stores.add(store);
                    try (Linker linker = new Linker(store)) {
                        linker.instantiate(module);
                    }
                }
            } catch (ResourceLimitException e) {
                if (!e.getMessage().contains("vm.max_map_count") || !e.getMessage().contains(" Stores")) {
                    throw e;
                }
            } finally {
                stores.forEach(Store::close);
            }
        }
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
