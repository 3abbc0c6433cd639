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

    static class CoreModules {
        public static void main(String[] args) {
            String wat = "(module (func (export \"run\")) (memory (export \"memory\") 1)" + " (memory 1)".repeat(8)
                    + ")";
            GuestModule module = Wasm.guest(wat, GuestOptions.DEFAULT);
            for (int round = 0; round < 2; round++) {
                List<Guest> guests = new ArrayList<>();
                try {
                    while (true) {
                        guests.add(module.instantiate());
                    }
                } catch (ResourceLimitException e) {
                    if (!e.getMessage().contains(WHY) || guests.size() < 1000) {
                        throw e;
                    }
                }
                guests.forEach(Guest::close);
            }
        }
    }

    static class Pool {
        private static final int MANY = 20_000;

        public static void main(String[] args) {
            GuestModule module = GuestModule.load(Path.of(args[0]), GuestOptions.DEFAULT);
            try (GuestPool pool = new GuestPool(module, MANY)) {
                for (int round = 0; round < 2; round++) {
                    List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
                    for (int i = 0; i < MANY; i++) {
                        outcomes.add(pool.process(TestGuests.task("sleep 5000")));
                    }
                    long refused = outcomes.stream().map(CompletableFuture::join).filter(Pool::isRefused).count();
                    if (refused == 0 || refused == MANY) {
                        throw new IllegalStateException(refused + " of " + MANY + " tasks met the limit");
                    }
                }
            }
        }

        private static boolean isRefused(Outcome outcome) {
            if (!(outcome instanceof Outcome.Failed failed) || failed.kind() == Outcome.Kind.DEADLINE) {
                return false;
            }
            if (failed.kind() != Outcome.Kind.HOST || !failed.reason().contains(WHY)) {
                throw new IllegalStateException(failed.toString());
            }
            return true;
        }
    }
}
