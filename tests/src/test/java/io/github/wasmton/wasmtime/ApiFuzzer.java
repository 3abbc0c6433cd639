package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.EXTERNREF;
import static io.github.wasmton.wasmtime.WasmValType.FUNCREF;
import static io.github.wasmton.wasmtime.WasmValType.I32;
import static io.github.wasmton.wasmtime.WasmValType.I64;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

import io.github.wasmton.testing.OnThread;

/** Random operations of the public API on shared objects, by several threads. */
final class ApiFuzzer implements AutoCloseable {
    private static final int THREADS = 4;
    private static final int PLACES = 6;

    private static final String GUEST = """
            (module
              (import "host" "plain" (func $plain (param i32) (result i32)))
              (import "host" "any" (func $any (param externref i64) (result i64 externref)))
              (memory (export "memory") 1 4)
              (table (export "objects") 4 16 externref)
              (table (export "funcs") 4 16 funcref)
              (global (export "global") (mut externref) (ref.null extern))
              (global (export "number") (mut i64) (i64.const 7))
              (func (export "plain") (param i32) (result i32) local.get 0 call $plain)
              (func (export "any") (param externref i64) (result i64 externref) local.get 0 local.get 1 call $any)
              (func (export "keep") (param i32 externref) local.get 0 local.get 1 table.set 0)
              (func (export "trap") unreachable)
              (func $recurse (export "recurse") call $recurse)
              (func (export "forever") (loop br 0))
              (tag $t (export "tag") (param i64))
              (func (export "throw") (param i64) (throw $t (local.get 0)))
              (func (export "catch") (block $caught (try_table (catch_all $caught) (drop (call $plain (i32.const 1))))))
              (func (export "grow") (param i32) (result i32) local.get 0 memory.grow)
              (func (export "load") (param i32) (result i32) local.get 0 i32.load))""";

    /** The exception that this class's host functions throw. */
    private static final class Fault extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private final Engine engine = new Engine(new Config().epochTick(Duration.ofMillis(2)).sharedMemory(true));
    private final Module guest = Module.fromWat(engine, GUEST);
    private final SharedMemory shared = new SharedMemory(engine, MemoryType.shared(1, 4));
    private final byte[] code = guest.serialize();
    private final AtomicReferenceArray<Place> places = new AtomicReferenceArray<>(PLACES);
    private final AtomicLong operations = new AtomicLong();

    /** A Store and its contents. */
    private final class Place {
        final Store store = new Store(engine, this);
        final Linker linker = new Linker(store);
        final Instance instance;
        final InstancePre linked;
        final Tag tag;
        ByteBuffer buffer;

        Place(Random random) {
            store.limits(StoreLimits.DEFAULT.withMemorySize(3 << 16).withInstances(20).withTableElements(12));
            HostFunc plain = WasmFunctions.wrap(I32, I32, n -> {
                misbehave(random);
                return n + 1;
            });
            HostFunc any = new HostFunc(new FuncType(List.of(EXTERNREF, I64), List.of(I64, EXTERNREF)),
                    (caller, args) -> {
                        caller.getExport("memory").ifPresent(it -> it.memory().putInt(0, 1));
                        misbehave(random);
                        return new Object[] {args[1], args[0]};
                    });
            if (random.nextBoolean()) {
                linker.define("host", "plain", plain);
                linker.define("host", "any", any);
            } else {
                linker.define("host", "plain", Extern.fromFunc(plain.in(store)));
                linker.define("host", "any", Extern.fromFunc(any.in(store)));
            }
            instance = linker.instantiate(guest);
            linked = linker.instantiatePre(guest);
            tag = instance.getExport("tag").orElseThrow().tag();
        }

        private void misbehave(Random random) {
            switch (random.nextInt(12)) {
                case 0 -> throw new Fault();
                case 1, 2 -> operate(this, random);
                case 3 -> instance.getMemory("memory").grow(1);
                case 4 -> close();
                case 5 -> throw new WasmException(tag, 1L);
                case 6 -> operate(places.get(random.nextInt(PLACES)), random);
                default -> { }
            }
        }

        void close() {
            linker.close();
            linked.close();
            store.close();
        }
    }

    private void operate(Place place, Random random) {
        operations.incrementAndGet();
        if (place == null) {
            return;
        }
        int n = random.nextInt(6);
        long at = random.nextBoolean() ? random.nextInt(70_000) : random.nextLong();
        Instance instance = place.instance;
        switch (random.nextInt(44)) {
            case 0, 1, 2 -> WasmFunctions.func(instance.getFunc("plain"), I32, I32).call(n);
            case 3, 4 -> instance.getFunc("any").call(random.nextBoolean() ? place : new Object(), at);
            case 5 -> instance.getFunc("keep").call(n, new byte[100]);
            case 6 -> instance.getFunc("trap").call();
            case 7 -> WasmFunctions.consumer(instance.getFunc("recurse")).accept();
            case 8 -> place.store.callWithin(Duration.ofMillis(n), () -> instance.getFunc("forever").call());
            case 9 -> instance.getFunc("grow").call(n);
            case 10 -> instance.getFunc("load").call((int) at);
            case 11 -> place.buffer = instance.getMemory("memory").buffer();
            case 12 -> {
                ByteBuffer kept = place.buffer;
                if (kept != null) {
                    kept.put(random.nextInt(kept.capacity()), (byte) n);
                }
            }
            case 13 -> instance.getMemory("memory").putLong(at, at);
            case 14 -> instance.getMemory("memory").getString(at, n * 1000);
            case 15 -> instance.getMemory("memory").write(at, new byte[n * 100], n, n * 10);
            case 16 -> instance.getExport("objects").orElseThrow().table().set(n, new Object());
            case 17 -> instance.getExport("objects").orElseThrow().table().grow(n, "x");
            case 18 -> instance.getExport("funcs").orElseThrow().table().set(n, instance.getFunc("plain"));
            case 19 -> instance.getExport("funcs").orElseThrow().table().copyTo(n,
                    instance.getExport("funcs").orElseThrow().table(), 0, n);
            case 20 -> instance.getExport("global").orElseThrow().global().set(new int[n * 100]);
            case 21 -> instance.getExport("number").orElseThrow().global().set((Object) at);
            case 22 -> place.store.gc();
            case 23 -> place.linked.instantiate();
            case 24 -> place.linker.instantiate(guest);
            case 25 -> place.linker.getOneByName("host", n == 0 ? "missing" : "any").func().call("o", 1L);
            case 26 -> place.linker.module("m" + random.nextInt(3), guest);
            case 27 -> place.linker.allowShadowing(n < 3).alias("host", "any", "other", "any");
            case 28 -> new Table(place.store, new TableType(random.nextBoolean() ? FUNCREF : EXTERNREF, n), null);
            case 29 -> new Memory(place.store, new MemoryType(n));
            case 30 -> {
                try (Module again = Module.deserialize(engine, code)) {
                    again.exports();
                }
            }
            case 31 -> place.store.setInterruptible(random.nextBoolean());
            case 32 -> place.store.setEpochDeadline(n == 0 ? -1 : 50);
            case 33 -> place.store.lastRefusal();
            case 34 -> {
                try (Engine other = place.store.engine()) {
                    other.incrementEpoch();
                }
            }
            case 35 -> instance.getFunc("throw").call(at);
            case 36 -> instance.getFunc("catch").call();
            case 37 -> new Tag(place.store, TagType.of(EXTERNREF));
            case 38 -> place.linker.define("s", "m" + n, Extern.fromSharedMemory(place.store, shared));
            case 39 -> {
                try (SharedMemory same = place.linker.getOneByName("s", "m" + n).sharedMemory()) {
                    same.putLong(at, same.getInt(at) + same.grow(n / 5));
                }
            }
            case 40 -> shared.write(at, new byte[n * 100], n, n * 10);
            case 41 -> shared.atomicWait32(4 * n, 0, Duration.ofNanos(shared.atomicNotify(4 * n, n)));
            case 42 -> {
                Place other = places.get(random.nextInt(PLACES));
                if (other != null) {
                    WasmFunctions.func(place.linked.instantiate(other.store).getFunc("plain"), I32, I32).call(n);
                }
            }
            default -> close(random.nextInt(PLACES), random, n);
        }
    }

    private void close(int index, Random random, int n) {
        Place old = places.getAndSet(index, n < 4 ? new Place(new Random(random.nextLong())) : null);
        if (old != null) {
            old.close();  // References of its host functions would keep it reachable forever.
        }
        if (random.nextInt(200) == 0) {
            System.gc();
        }
    }

    private void run(long seed, long end) {
        Random random = new Random(seed);
        while (System.nanoTime() < end) {
            try {
                int index = random.nextInt(PLACES);
                if (places.get(index) == null) {
                    close(index, random, 1);
                }
                operate(places.get(index), random);
            } catch (IllegalStateException | IllegalArgumentException | IndexOutOfBoundsException | WasmtimeException
                    | Fault | java.util.NoSuchElementException expected) {
                // As documented: closed, busy, out of range, trapped, limited, thrown.
            }
        }
    }

    /** Returns the resident memory of the process, without files. */
    static long residentBytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("RssAnon:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) << 10;
            }
        }
        return 0;
    }

    /** Returns the number of operations so far. */
    long operations() {
        return operations.get();
    }

    /**
     * Runs random operations on all threads for that many seconds, and closes everything. The seed determines the
     * operations.
     */
    void storm(long seed, int seconds) {
        long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        List<OnThread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            long own = seed + i;
            threads.add(OnThread.start("thread " + i + " of seed " + seed, () -> run(own, end)));
        }
        threads.forEach(OnThread::join);
        for (int i = 0; i < PLACES; i++) {
            Place left = places.getAndSet(i, null);
            if (left != null) {
                left.close();
            }
        }
        System.gc();
    }

    @Override
    public void close() {
        guest.close();
        shared.close();
        engine.close();
    }
}
