package io.github.wasmton.internal.run;

import static io.github.wasmton.testing.TestGuests.guest;
import static io.github.wasmton.testing.TestGuests.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

import ch.qos.logback.classic.Level;
import io.github.wasmton.failure.FailurePolicy;
import io.github.wasmton.failure.Verdict;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.GuestPool;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.OutputAccess;
import io.github.wasmton.internal.engine.Decision;
import io.github.wasmton.internal.kafka.DeadLetterTopic;
import io.github.wasmton.internal.kafka.RecordSender;
import io.github.wasmton.internal.stats.TaskCounters;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.GuestLogCapture;
import io.github.wasmton.testing.TestServer;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AsyncTaskRunnerTest {
    private static final Verdict RETRY_AT_ONCE = new Verdict.Retry(Duration.ofMillis(1));
    private static final Verdict RETRY_NEVER = new Verdict.Retry(Duration.ofDays(1));

    private GuestModule module;
    private GuestPool pool;
    private final TaskCounters figures = new TaskCounters();

    @BeforeEach
    void start() {
        module = GuestModule.load(guest("probe"), GuestOptions.DEFAULT.withNetwork(NetworkAccess.to("127.0.0.1")));
        pool = new GuestPool(module, 20);
    }

    @AfterEach
    void stop() {
        pool.close(Duration.ZERO);
        module.close();
    }

    private AsyncTaskRunner runner(FailurePolicy policy) {
        return new AsyncTaskRunner(pool, new RunContext(policy, figures));
    }

    private static Decision decision(CompletableFuture<Decision> decision) throws Exception {
        return Await.result("the decision", decision);
    }

    @Test
    void successfulTasksAreComplete() throws Exception {
        AsyncTaskRunner runner = runner((task, failure, attempts) -> new Verdict.Stop("not asked"));
        try (TestServer server = new TestServer(TestServer.echoTogether(20))) {
            List<CompletableFuture<Decision>> decisions = IntStream.range(0, 20)
                    .mapToObj(i -> runner.process(task("exchange " + server.address() + " hello"))).toList();
            for (CompletableFuture<Decision> decision : decisions) {
                assertEquals(Decision.COMPLETE, decision(decision));
            }
        }
        assertEquals(20, figures.done());
        assertEquals(20, figures.instances());
        assertEquals(Decision.COMPLETE, decision(runner.process(task("nothing"))));
        assertEquals(20, figures.instances(), "one is used again");
        assertEquals(0, figures.failed());
    }

    @Test
    void retriedTasksSeeTheirAttempt() throws Exception {
        AsyncTaskRunner runner = runner((task, failure, attempts) -> attempts < 4 ? RETRY_AT_ONCE : Verdict.SKIP);
        assertEquals(Decision.COMPLETE, decision(runner.process(task("panic"))));
        assertEquals(3, figures.retried());
        assertEquals(1, figures.skipped());
        assertEquals(4, figures.failures(Outcome.Kind.TRAP));
        assertEquals(4, figures.replaced());
        assertEquals(4, figures.instances());
        try (GuestLogCapture log = new GuestLogCapture(Level.INFO)) {
            assertEquals(Decision.COMPLETE, decision(runner.process(task("record"))));
            assertEquals("attempt: 1 }", log.take().get(0).replaceAll(".*, ", ""));
        }
    }

    @Test
    void stopsAtStopAndAtDeadLetterWithoutATopic() throws Exception {
        AsyncTaskRunner stopping = runner((task, failure, attempts) -> new Verdict.Stop("as the test says"));
        assertEquals(Decision.STOP, decision(stopping.process(task("fatal"))));
        AsyncTaskRunner lettering = runner((task, failure, attempts) -> Verdict.DEAD_LETTER);
        assertEquals(Decision.STOP, decision(lettering.process(task("retry"))));
        assertEquals(2, figures.stopped());
    }

    @Test
    void throwingPoliciesStopEverything() throws Exception {
        AsyncTaskRunner runner = runner((task, failure, attempts) -> {
            throw new IllegalStateException("thrown by the test");
        });
        assertEquals(Decision.STOP, decision(runner.process(task("retry"))));
    }

    /** Lets the writer of outputs fail in a way that no policy sees: the record is neither committed nor forgotten. */
    @Test
    void errorsOfTheWriterStopEverything() throws Exception {
        MockProducer<byte[], byte[]> kafka = new MockProducer<>(SettlementTest.cluster(), true, null,
                new ByteArraySerializer(), new ByteArraySerializer()) {
            @Override
            public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
                throw new OutOfMemoryError("thrown by the test");
            }
        };
        try (GuestModule producing = GuestModule.load(guest("probe"),
                GuestOptions.DEFAULT.withOutputs(OutputAccess.to("out")));
                RunContext context = new RunContext(new Settlement((task, failure, attempts) -> RETRY_AT_ONCE, figures,
                        null, null), figures, new RecordSender(kafka), null)) {
            AsyncTaskRunner runner = new AsyncTaskRunner(new GuestPool(producing, 1), context);
            assertEquals(Decision.STOP, decision(runner.process(task("produce out a"))));
            runner.close();
        }
    }

    /** Tests a dead-letter topic whose send blocks, like Kafka's client without an answer. */
    @Test
    void blockedDeadLettersHoldUpNoOtherTask() throws Exception {
        CompletableFuture<Void> answers = new CompletableFuture<>();
        MockProducer<byte[], byte[]> kafka = new MockProducer<>(SettlementTest.cluster(), true, null,
                new ByteArraySerializer(), new ByteArraySerializer()) {
            @Override
            public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
                answers.join();
                return super.send(record, callback);
            }
        };
        DeadLetterTopic letters = new DeadLetterTopic(new RecordSender(kafka), "dead", "abc");
        AsyncTaskRunner runner = new AsyncTaskRunner(pool,
                new RunContext((task, failure, attempts) -> Verdict.DEAD_LETTER, figures, letters));
        CompletableFuture<Decision> blocked = runner.process(task("retry"));
        Await.until("the failure", () -> figures.failures(Outcome.Kind.RETRY) == 1);
        for (int i = 0; i < 10; i++) {
            assertEquals(Decision.COMPLETE, decision(runner.process(task("nothing"))));
        }
        assertFalse(blocked.isDone());
        answers.complete(null);
        assertEquals(Decision.COMPLETE, decision(blocked));
        assertEquals(1, kafka.history().size());
    }

    @Test
    void waitingTasksHaveNoGuestAndEndWithTheEngine() throws Exception {
        AsyncTaskRunner runner = runner((task, failure, attempts) -> RETRY_NEVER);
        List<CompletableFuture<Decision>> decisions = IntStream.range(0, 20)
                .mapToObj(i -> runner.process(task("retry"))).toList();
        Await.until("all to wait", () -> figures.retried() == 20 && pool.inFlight() == 0);
        assertFalse(decisions.stream().anyMatch(CompletableFuture::isDone));
        runner.end();
        for (CompletableFuture<Decision> decision : decisions) {
            assertEquals(Decision.ABANDON, decision(decision));
        }
        assertEquals(Decision.ABANDON, decision(runner.process(task("retry"))), "nothing waits any more");
        assertEquals(Decision.COMPLETE, decision(runner.process(task("nothing"))), "what does not fail goes on");
    }

    @Test
    void closingARunnerAbandonsItsTasks() throws Exception {
        AsyncTaskRunner runner = runner((task, failure, attempts) -> Verdict.SKIP);
        CompletableFuture<Decision> decision = runner.process(task("sleep 3600000"));
        runner.close();
        assertEquals(Decision.ABANDON, decision(decision));
        assertEquals(Decision.ABANDON, decision(runner.process(task("nothing"))));
        assertEquals(0, figures.skipped());
    }
}
