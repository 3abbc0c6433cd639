package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.I32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.wasmton.testing.OnThread;
import io.github.wasmton.testing.Wasm;

/** Promise: threads that open, use and close the same handles at random get results or IllegalStateExceptions. */
class ThreadStormTest {
    private static final int THREADS = 6;
    private static final int OPERATIONS = 4000;
    private static final String GUEST = """
            (module
              (import "host" "f" (func $f (param i32) (result i32)))
              (memory (export "memory") 1 4)
              (func (export "call") (param i32) (result i32) (call $f (local.get 0)))
              (func (export "trap") (result i32) unreachable)
              (func (export "add") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))""";

    /** Handles that one thread opened, for all to use. */
    private record Place(Store store, Linker linker, Instance guest, Memory memory,
            WasmFunctions.Function1<Integer, Integer> add, WasmFunctions.Function1<Integer, Integer> call,
            WasmFunctions.Function0<Integer> trap) {
        static Place open(Module module, Engine engine) {
            Store store = new Store(engine);
            Linker linker = new Linker(store);
            linker.define("host", "f", Extern.fromFunc(WasmFunctions.wrap(store, I32, I32, n -> {
                if (n % 16 == 0) {
                    store.close();
                }
                return n;
            })));
            Instance guest = linker.instantiate(module);
            return new Place(store, linker, guest, guest.getMemory("memory"),
                    WasmFunctions.func(guest.getFunc("add"), I32, I32),
                    WasmFunctions.func(guest.getFunc("call"), I32, I32),
                    WasmFunctions.func(guest.getFunc("trap"), I32));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void randomConcurrentUseOnlySucceedsOrThrowsIllegalState(long seed) {
        AtomicReferenceArray<Place> places = new AtomicReferenceArray<>(4);
        AtomicLong results = new AtomicLong();
        AtomicLong refusals = new AtomicLong();
        try (Engine engine = new Engine(); Module module = Module.fromWat(engine, GUEST)) {
            for (int i = 0; i < places.length(); i++) {
                places.set(i, Place.open(module, engine));
            }
            List<OnThread> threads = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                String name = "m" + i + '-';
                SplittableRandom random = new SplittableRandom(seed * 1000 + i);
                threads.add(OnThread.start("thread " + i + " of seed " + seed, () -> {
                    ByteBuffer kept = ByteBuffer.allocate(65536);
                    for (int n = 0; n < OPERATIONS; n++) {
                        int at = random.nextInt(places.length());
                        Place place = places.get(at);
                        try {
                            switch (random.nextInt(16)) {
                                case 0 -> {
                                    place.store.close();
                                    Place next = Place.open(module, engine);
                                    if (!places.compareAndSet(at, place, next)) {
                                        next.store.close();
                                    }
                                }
                                case 1 -> place.linker.close();
                                case 2 -> kept = place.memory.buffer();
                                case 3 -> place.memory.grow(1);
                                case 4 -> place.memory.write(100, new byte[] {1, 2, 3}, 0, 3);
                                case 5 -> place.memory.read(65000, new byte[100], 0, 100);
                                case 6 -> place.guest.getExport("add").orElseThrow();
                                case 7 -> place.linker.get("host", "g");
                                case 8 -> place.store.engine().close();
                                case 9 -> place.linker.module(name + n, module);
                                case 10 -> trap(place);
                                case 11 -> assertEquals(n, place.call.call(n));
                                case 12 -> Wasm.instantiate(place.store, "(module (memory 1))");
                                default -> assertEquals(n + 1, place.add.call(n));
                            }
                            results.incrementAndGet();
                        } catch (IllegalStateException closedOrInUse) {
                            refusals.incrementAndGet();
                        }
                        kept.put(random.nextInt(65536), (byte) n);
                    }
                }));
            }
            threads.forEach(OnThread::join);
        }
        for (int i = 0; i < places.length(); i++) {
            places.get(i).store.close();
        }
        assertEquals(THREADS * OPERATIONS, results.get() + refusals.get());
        assertTrue(results.get() > OPERATIONS / 2, results + " results");
        assertTrue(refusals.get() > 10, "only " + refusals + " were refused: the threads did not meet");
    }

    private static void trap(Place place) {
        try {
            place.trap.call();
            throw new AssertionError("no trap");
        } catch (TrapException e) {
            assertEquals(TrapCode.UNREACHABLE_CODE_REACHED, e.code());
        }
    }
}
