package io.github.wasmton.guest;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.github.wasmton.testing.ChildJvm;
import io.github.wasmton.testing.TestGuests;
import io.github.wasmton.testing.Wasm;
import io.github.wasmton.wasmtime.ResourceLimitException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Promise: where the address space has no room for one more guest, that is an outcome and not the end of the JVM. */
@Tag("own-jvm")
class GuestAddressSpaceTest {
    private static final String WHY = "vm.max_map_count";

    @Test
    void limitOfMappingsThrowsForCoreModules() {
        new ChildJvm().run(CoreModules.class).succeeded();
    }

    @Test
    void limitOfMappingsFailsTasksOfAPool() {
        new ChildJvm().run(Pool.class, TestGuests.guest("probe").toString()).succeeded();
    }

    /** Makes guests of a core module until there is no room for one more. */
    private static List<Guest> fill(GuestModule module) {
        List<Guest> guests = new ArrayList<>();
        try {
            while (true) {
                guests.add(module.instantiate());
            }
        } catch (ResourceLimitException e) {
            if (!e.getMessage().contains(WHY) || guests.size() < 1000) {
                throw e;
            }
            return guests;
        }
    }

    private static GuestModule manyMemories() {
        return Wasm.guest("(module (func (export \"run\")) (memory (export \"memory\") 1)" + " (memory 1)".repeat(8)
                + ")", GuestOptions.DEFAULT);
    }

    static class CoreModules {
        public static void main(String[] args) {
            GuestModule module = manyMemories();
            for (int round = 0; round < 2; round++) {
                fill(module).forEach(Guest::close);
            }
        }
    }

    static class Pool {
        private static final int MANY = 200;

        public static void main(String[] args) throws InterruptedException {
            GuestModule module = GuestModule.load(Path.of(args[0]), GuestOptions.DEFAULT);
            List<Guest> full = fill(manyMemories());
            try (GuestPool pool = new GuestPool(module, MANY)) {
                List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
                for (int i = 0; i < MANY; i++) {
                    outcomes.add(pool.process(TestGuests.task("nothing")));
                }
                if (outcomes.stream().map(CompletableFuture::join).filter(Pool::isRefused).count() == 0) {
                    throw new IllegalStateException("none of " + MANY + " tasks met the limit");
                }
                full.forEach(Guest::close);
                // The count of mappings that found no room is good for a moment.
                for (int i = 0; isRefused(pool.process(TestGuests.task("nothing")).join()); i++) {
                    if (i == 600) {
                        throw new IllegalStateException("no room a minute after the guests were closed");
                    }
                    Thread.sleep(100);
                }
            }
        }

        private static boolean isRefused(Outcome outcome) {
            if (outcome == Outcome.DONE) {
                return false;
            }
            if (!(outcome instanceof Outcome.Failed failed) || failed.kind() != Outcome.Kind.HOST
                    || !failed.reason().contains(WHY)) {
                throw new IllegalStateException(outcome.toString());
            }
            return true;
        }
    }
}
