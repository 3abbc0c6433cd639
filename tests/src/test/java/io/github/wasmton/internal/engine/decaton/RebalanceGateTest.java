package io.github.wasmton.internal.engine.decaton;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;

import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.OnThread;

class RebalanceGateTest {
    private final RebalanceGate gate = new RebalanceGate();

    /** Asks for a task at offset 7 of partition 0 that was read in that phase, on a thread of its own. */
    private CompletableFuture<Boolean> ask(int phase) {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        OnThread.start("asking", () -> answer.complete(gate.admits(phase, 0, 7)));
        return answer;
    }

    @Test
    void tasksBeginOutsideOfARebalance() {
        assertTrue(gate.admits(gate.phase(), 0, 7));
        gate.open();
        assertTrue(gate.admits(gate.phase(), 0, 7), "opening an open gate does nothing");
    }

    @Test
    void queuedTasksOfAPartitionThatWentDoNotBegin() throws Exception {
        int before = gate.phase();
        gate.shut();
        CompletableFuture<Boolean> answer = ask(before);
        gate.assign(Set.of(1));
        assertFalse(Await.result("the answer", answer));
        assertTrue(gate.isGone(0));
        gate.assign(Set.of(0, 1));
        assertFalse(gate.isGone(0), "it came back");
    }

    @Test
    void tasksInFrontOfOneThatHasStartedBeginBeforeTheCommit() throws Exception {
        int before = gate.phase();
        gate.shut();
        CompletableFuture<Boolean> answer = ask(before);
        gate.letBegin(Map.of(0, 7L));
        assertTrue(Await.result("the answer", answer));
        assertTrue(gate.confirms(0, 7));
        assertFalse(gate.confirms(0, 8));
        assertFalse(gate.confirms(1, 7));
        gate.letBegin(Map.of());
        assertFalse(gate.confirms(0, 7), "not after the commit");
    }

    @Test
    void queuedTasksWhoseRecordsAreReadAgainDoNotBegin() throws Exception {
        int before = gate.phase();
        gate.shut();
        CompletableFuture<Boolean> answer = ask(before);
        gate.assign(Set.of(0));
        gate.open();
        gate.read(0, 5);
        gate.read(0, 8);
        assertFalse(Await.result("the answer", answer));
        assertTrue(gate.admits(gate.phase(), 0, 5), "what was read since begins");
    }

    @Test
    void queuedTasksBeginWhereReadingGoesOnBehindThem() throws Exception {
        int before = gate.phase();
        gate.shut();
        CompletableFuture<Boolean> answer = ask(before);
        gate.open();
        gate.read(0, 8);
        assertTrue(Await.result("the answer", answer));
    }

    @Test
    void queuedTasksBeginWhereNothingIsReadAgain() throws Exception {
        int before = gate.phase();
        gate.shut();
        gate.open();
        assertTrue(Await.result("the answer", ask(before)));
    }
}
