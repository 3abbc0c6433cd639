package io.github.wasmton.wasmtime.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.Test;

import io.github.wasmton.testing.OnThread;

class NativeObjectTest {
    private static final class Handle extends NativeObject {
        Handle(long handle, List<Long> destroyed) {
            super(handle, destroyed::add);
        }
    }

    @Test
    void repeatedCloseClosesOnce() {
        List<Long> destroyed = Collections.synchronizedList(new ArrayList<>());
        Handle handle = new Handle(5, destroyed);
        assertEquals(5, NativeObject.handleOf(handle));
        List<OnThread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            threads.add(OnThread.start("closing", handle::close));
        }
        threads.forEach(OnThread::join);
        assertEquals(List.of(5L), destroyed);
    }

    @Test
    void cleanerClosesForgottenObjects() throws Exception {
        List<Long> destroyed = Collections.synchronizedList(new ArrayList<>());
        for (long i = 0; i < 10; i++) {
            new Handle(i, destroyed);
        }
        CountDownLatch unreachable = new CountDownLatch(1);
        NativeObject.whenUnreachable(new Object(), unreachable::countDown);
        for (int i = 0; destroyed.size() < 10 || unreachable.getCount() > 0; i++) {
            if (i == 200) {
                throw new AssertionError("after 200 collections only " + destroyed + " are closed");
            }
            System.gc();
            Thread.sleep(10);
        }
        assertEquals(10, destroyed.stream().distinct().count());
    }
}
