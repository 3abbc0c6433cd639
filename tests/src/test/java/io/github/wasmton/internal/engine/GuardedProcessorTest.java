package io.github.wasmton.internal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

import org.junit.jupiter.api.Test;

import io.github.wasmton.guest.Task;

class GuardedProcessorTest {
    private static final Task TASK = new Task("topic", 0, 0, new byte[0]);

    private final AtomicBoolean closed = new AtomicBoolean();

    @Test
    void decisionIsPassedOn() {
        AtomicReference<Task> seen = new AtomicReference<>();
        for (Decision decision : Decision.values()) {
            assertEquals(decision, guarded(task -> {
                seen.set(task);
                return decision;
            }).process(TASK));
            assertSame(TASK, seen.getAndSet(null));
        }
    }

    @Test
    void exceptionStops() {
        assertEquals(Decision.STOP, guarded(task -> {
            throw new IllegalStateException("thrown by the test");
        }).process(TASK));
        assertEquals(Decision.STOP, guarded(task -> {
            throw new OutOfMemoryError("thrown by the test");
        }).process(TASK));
    }

    @Test
    void closeClosesTheProcessor() {
        guarded(task -> Decision.COMPLETE).close();
        assertTrue(closed.get());
    }

    private TaskProcessor guarded(Function<Task, Decision> behind) {
        return new GuardedProcessor(new TaskProcessor() {
            @Override
            public Decision process(Task task) {
                return behind.apply(task);
            }

            @Override
            public void close() {
                closed.set(true);
            }
        });
    }
}
