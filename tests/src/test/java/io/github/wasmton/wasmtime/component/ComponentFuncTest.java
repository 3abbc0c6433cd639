package io.github.wasmton.wasmtime.component;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.github.wasmton.testing.Await;
import io.github.wasmton.wasmtime.Config;
import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.TrapCode;
import io.github.wasmton.wasmtime.TrapException;
import io.github.wasmton.wasmtime.WasmtimeException;

/** Calls of components end as those of core functions do: by traps, limits and exceptions of the host. */
class ComponentFuncTest {
    private final Engine engine =
            new Engine(new Config().consumeFuel(true).epochInterruption(true).epochTick(Duration.ofMillis(1)));
    private final Store store = new Store(engine);

    @AfterEach
    void close() {
        store.close();
        engine.close();
    }

    private ComponentInstance instance(ComponentLinker.HostFunction pong) {
        store.setFuel(Long.MAX_VALUE);
        ComponentLinker linker = new ComponentLinker().define("host", args -> null).define("pong", pong);
        try (Component component = Component.fromWat(engine, ComponentWat.echo("", "string"))) {
            return linker.instantiate(store, component);
        }
    }

    @Test
    void aTrapIsAnExceptionAndEndsTheInstance() {
        ComponentInstance instance = instance(args -> null);
        assertEquals(TrapCode.UNREACHABLE_CODE_REACHED,
                assertThrows(TrapException.class, instance.getFunc("trap")::call).code());
        assertEquals(TrapCode.CANNOT_ENTER_COMPONENT,
                assertThrows(TrapException.class, () -> instance.getFunc("add").call(1, 2)).code());
    }

    @Test
    void fuelEndsACall() {
        ComponentInstance instance = instance(args -> null);
        store.setFuel(1000);
        assertEquals(TrapCode.OUT_OF_FUEL, assertThrows(TrapException.class, instance.getFunc("loop")::call).code());
    }

    @Test
    void aDeadlineEndsACall() {
        ComponentFunc loop = instance(args -> null).getFunc("loop");
        assertEquals(TrapCode.INTERRUPT, assertThrows(TrapException.class,
                () -> store.callWithin(Duration.ofMillis(20), loop::call)).code());
    }

    @Test
    void anExceptionOfTheHostComesOutAsTheSameObject() {
        RuntimeException thrown = new RuntimeException("of the host");
        ComponentInstance instance = instance(args -> {
            throw thrown;
        });
        assertSame(thrown, assertThrows(RuntimeException.class, instance.getFunc("ping")::call));
        TrapException closed = assertThrows(TrapException.class, () -> instance.getFunc("add").call(1, 2));
        assertEquals(TrapCode.CANNOT_ENTER_COMPONENT, closed.code());
        assertTrue(closed.getMessage().contains("instantiate it in a new Store"), closed.getMessage());
        Error error = new AssertionError("of the host");
        ComponentLinker linker = new ComponentLinker().define("host", args -> null).define("pong", args -> {
            throw error;
        });
        try (Store other = new Store(engine);
             Component component = Component.fromWat(engine, ComponentWat.echo("", "string"))) {
            other.setFuel(1_000_000);
            ComponentInstance failing = linker.instantiate(other, component);
            assertSame(error, assertThrows(AssertionError.class, failing.getFunc("ping")::call));
        }
    }

    @Test
    void anExceptionWithoutAResultTypeIsNoAnswer() {
        ComponentException thrown = new ComponentException("no");
        ComponentInstance instance = instance(args -> {
            throw thrown;
        });
        assertSame(thrown, assertThrows(ComponentException.class, instance.getFunc("ping")::call));
    }

    @Test
    void aHostFunctionMayCallTheStoreThatItWasCalledFrom() {
        ComponentInstance[] instance = new ComponentInstance[1];
        int[] depth = new int[1];
        Object[] inner = new Object[1];
        instance[0] = instance(args -> {
            if (depth[0]++ < 3) {
                instance[0].getFunc("ping").call();
            } else {
                inner[0] = instance[0].getFunc("add").call(3, 4);
                assertTrue(store.getFuel() > 0);
            }
            return null;
        });
        instance[0].getFunc("ping").call();
        assertEquals(7, inner[0]);
        assertEquals(4, depth[0]);
    }

    @Test
    void aHostFunctionMayCloseItsStore() {
        ComponentInstance instance = instance(args -> {
            store.close();
            return null;
        });
        ComponentFunc ping = instance.getFunc("ping");
        ComponentFunc add = instance.getFunc("add");
        ping.call();
        assertThrows(IllegalStateException.class, () -> add.call(1, 2));
        assertThrows(IllegalStateException.class, ping::call);
        assertThrows(IllegalStateException.class, () -> instance.getFunc("add"));
    }

    @Test
    void aSecondThreadIsRefusedAtOnce() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        ComponentInstance instance = instance(args -> {
            inside.countDown();
            try {
                assertTrue(goOn.await(Await.LIMIT.toMillis(), TimeUnit.MILLISECONDS));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return null;
        });
        ComponentFunc add = instance.getFunc("add");
        FutureTask<Object> ping = new FutureTask<>(instance.getFunc("ping")::call);
        new Thread(ping).start();
        assertTrue(inside.await(Await.LIMIT.toMillis(), TimeUnit.MILLISECONDS));
        assertThrows(IllegalStateException.class, () -> add.call(1, 2));
        goOn.countDown();
        ping.get(Await.LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        assertEquals(3, add.call(1, 2));
    }

    @Test
    void aFunctionThatIsNotThereIsNamed() {
        ComponentInstance instance = instance(args -> null);
        assertEquals("no exported function 'sub'; there are: echo, pass, ping, trap, loop, add",
                assertThrows(NoSuchElementException.class, () -> instance.getFunc("sub")).getMessage());
        assertThrows(NoSuchElementException.class, () -> instance.getFunc("a:b/c", "add"));
        assertEquals("add: func(a: s32, b: s32) -> s32", instance.getFunc("add").toString());
    }

    @Test
    void allMissingImportsAreNamed() {
        try (Component component = Component.fromWat(engine, ComponentWat.echo("", "string"));
             Engine otherEngine = new Engine(); Store otherStore = new Store(otherEngine)) {
            String missing = assertThrows(WasmtimeException.class,
                    () -> new ComponentLinker().define("host", args -> null).instantiatePre(component)).getMessage();
            assertTrue(missing.startsWith("the ComponentLinker lacks what the component imports: `pong`. "), missing);
            String all = assertThrows(WasmtimeException.class,
                    () -> new ComponentLinker().instantiate(store, component)).getMessage();
            assertTrue(all.startsWith("the ComponentLinker lacks what the component imports: `host`, `pong`. "), all);
            assertThrows(IllegalArgumentException.class, () -> new ComponentLinker().define("host",
                    args -> null).define("pong", args -> null).instantiate(otherStore, component));
            assertThrows(IllegalArgumentException.class,
                    () -> new ComponentLinker().define("f", args -> null).define("f", args -> null));
        }
    }

    @Test
    void aHostFunctionThatReturnsAnotherTypeIsNamed() {
        String wat = """
                (component (import "count" (func $count (param "text" string) (result u8))) %s
                  (core func $c (canon lower (func $count) %s))
                  (func (export "count") (param "text" string) (result u8) (canon lift (core func $c) %s)))
                """.formatted(ComponentWat.MEMORY, ComponentWat.OPTIONS, ComponentWat.OPTIONS);
        Object[] answer = {(short) 3};
        try (Component component = Component.fromWat(engine, wat)) {
            store.setFuel(1_000_000);
            ComponentFunc count = new ComponentLinker().define("count", args -> answer[0]).instantiate(store, component)
                    .getFunc("count");
            assertEquals((short) 3, count.call("abc"));
            answer[0] = 256;
            assertEquals("count, result needs a whole number from 0 to 255 (u8), not Integer '256'",
                    assertThrows(IllegalArgumentException.class, () -> count.call("abc")).getMessage());
        }
    }
}
