package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.ANYREF;
import static io.github.wasmton.wasmtime.WasmValType.EXTERNREF;
import static io.github.wasmton.wasmtime.WasmValType.FUNCREF;
import static io.github.wasmton.wasmtime.WasmValType.I32;
import static io.github.wasmton.wasmtime.WasmValType.I64;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;

import io.github.wasmton.testing.Fuzzer;

/** Random operations of the API for core modules. */
final class ApiFuzzer extends Fuzzer<ApiFuzzer.Place> {
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
    private final StructType struct = new StructType(engine, new FieldType(ANYREF, true),
            new FieldType(PackedType.I16, true));
    private final ArrayType array = new ArrayType(engine, new FieldType(ANYREF, true));

    /** A Store and its contents. */
    final class Place implements Fuzzer.Place {
        private final Store store = new Store(engine, this);
        private final Linker linker = new Linker(store);
        private final Instance instance;
        private final InstancePre linked;
        private final Tag tag;
        private ByteBuffer buffer;
        private GcRef reference;

        private Place(Random random) {
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
                case 6 -> operate(other(random), random);
                default -> { }
            }
        }

        private void keep(GcRef made) {
            GcRef old = reference;
            reference = made;
            if (old != null) {
                old.close();
            }
        }

        @Override
        public void close() {
            linker.close();
            linked.close();
            store.close();
        }
    }

    @Override
    protected Place place(Random random) {
        return new Place(random);
    }

    @Override
    protected void use(Place place, Random random) {
        int n = random.nextInt(6);
        long at = random.nextBoolean() ? random.nextInt(70_000) : random.nextLong();
        Instance instance = place.instance;
        switch (random.nextInt(47)) {
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
                Place other = other(random);
                if (other != null) {
                    WasmFunctions.func(place.linked.instantiate(other.store).getFunc("plain"), I32, I32).call(n);
                }
            }
            case 43 -> place.keep(new StructRef(place.store, struct,
                    random.nextBoolean() ? place.reference : new I31(n), (int) at));
            case 44 -> place.keep(new ArrayRef(place.store, array,
                    random.nextBoolean() ? place.reference : new HostRef("x"), n * 100));
            case 45 -> {
                Place other = random.nextBoolean() ? place : other(random);
                if (other != null && other.reference instanceof StructRef one) {
                    one.setField(0, place.reference);
                    if (one.field(0) instanceof GcRef found) {
                        found.refEq(one);
                        found.close();
                    }
                }
            }
            case 46 -> instance.getFunc("any").call(place.reference, at);
            default -> throw new AssertionError("no operation has this number");
        }
    }

    @Override
    protected boolean isExpected(RuntimeException thrown) {
        // Closed, busy, out of range, trapped, limited, thrown by a host function.
        return thrown instanceof IllegalStateException || thrown instanceof IllegalArgumentException
                || thrown instanceof IndexOutOfBoundsException || thrown instanceof WasmtimeException
                || thrown instanceof Fault || thrown instanceof NoSuchElementException;
    }

    @Override
    public void close() {
        guest.close();
        shared.close();
        engine.close();
    }
}
