package io.github.wasmton.decaton;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.MDC;

import com.linecorp.decaton.processor.Completion;
import com.linecorp.decaton.processor.DecatonProcessor;
import com.linecorp.decaton.processor.LoggingContext;
import com.linecorp.decaton.processor.ProcessingContext;
import com.linecorp.decaton.processor.runtime.ProcessorProperties;
import com.linecorp.decaton.processor.runtime.ProcessorScope;
import com.linecorp.decaton.processor.runtime.ProcessorSubscription;
import com.linecorp.decaton.processor.runtime.ProcessorsBuilder;
import com.linecorp.decaton.processor.runtime.Property;
import com.linecorp.decaton.processor.runtime.StaticPropertySupplier;
import com.linecorp.decaton.processor.runtime.SubscriptionBuilder;

import io.github.wasmton.failure.FailureOptions;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.InvalidGuestException;
import io.github.wasmton.guest.OutputAccess;
import io.github.wasmton.guest.StateAccess;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.kafka.DeadLetter;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.Guests;
import io.github.wasmton.testing.OnThread;
import io.github.wasmton.testing.TestGuests;
import io.github.wasmton.testing.TestKafka;
import io.github.wasmton.testing.TopicContents;
import io.github.wasmton.testing.Wasm;

/** Tests the processor, mostly with a stub of a task's context that shows whether Decaton would commit. */
class WasmtonProcessorTest {
    private final GuestModule module = Wasm.guest(Guests.TRAPS_AT_F, GuestOptions.DEFAULT);
    private final List<Task> stops = new ArrayList<>();

    /** Sets the task's place in the logging context, as Decaton does on its own thread. */
    @BeforeEach
    void setPlace() {
        MDC.put(LoggingContext.TOPIC_KEY, "topic");
        MDC.put(LoggingContext.PARTITION_KEY, "3");
        MDC.put(LoggingContext.OFFSET_KEY, "42");
    }

    @AfterEach
    void close() {
        module.close();
        MDC.clear();
    }

    @Test
    void successfulTasksAreNotDeferred() {
        try (WasmtonProcessor processor = new WasmtonProcessor(module, stops::add)) {
            StubContext context = process(processor, "good");
            assertTrue(context.isDone());
        }
        assertEquals(List.of(), stops);
    }

    @Test
    void failedTasksAndTheirSuccessorsStayOpen() {
        try (WasmtonProcessor processor = new WasmtonProcessor(module, stops::add)) {
            assertTrue(process(processor, "good").isDone());
            assertFalse(process(processor, "fails").isDone());
            assertFalse(process(processor, "good").isDone());
            assertFalse(process(processor, "fails").isDone());
        }
        assertEquals(List.of("topic-3@42"), stops.stream().map(Task::toString).toList(), "told once");
    }

    @Test
    void tasksAreDoneOnceKafkaHasTheirOutputs() {
        String topic = TestKafka.newTopic(1);
        GuestOptions options = GuestOptions.DEFAULT.withOutputs(OutputAccess.to(topic));
        try (GuestModule probe = GuestModule.load(TestGuests.guest("probe"), options);
                WasmtonRuntime runtime = WasmtonRuntime.of(probe, FailureOptions.DEFAULT.withAttempts(1),
                        Map.of("bootstrap.servers", TestKafka.bootstrapServers()));
                WasmtonProcessor processor = new WasmtonProcessor(runtime, stops::add)) {
            assertTrue(process(processor, "produce " + topic + " a b").isDone());
            assertEquals(List.of("a", "b"), TopicContents.values(topic));
            assertFalse(process(processor, "produce-and-panic " + topic + " c").isDone());
            assertEquals(List.of("a", "b"), TopicContents.values(topic));
        }
        assertThrows(IllegalArgumentException.class,
                () -> new WasmtonProcessor(TestGuests.guest("probe"), options), "there is no connection to Kafka");
    }

    @Test
    void refusesAGuestWithStores() {
        GuestOptions options = GuestOptions.DEFAULT.withState(StateAccess.of("counts"));
        assertTrue(assertThrows(IllegalArgumentException.class,
                () -> new WasmtonProcessor(TestGuests.guest("count"), options)).getMessage()
                .startsWith("Decaton has no stores for guests."));
    }

    @Test
    void refusesAGuestThatTakesBatches() {
        String message = assertThrows(IllegalArgumentException.class,
                () -> new WasmtonProcessor(TestGuests.guest("append"), GuestOptions.DEFAULT)).getMessage();
        assertTrue(message.contains("takes batches, which the processors of this package do not make. Run it by the "
                + "program (wasmton run), or "), message);
    }

    @Test
    void refusesTasksWithoutAPlace() throws Exception {
        String topic = TestKafka.newTopic(1);
        TestKafka.send(topic, 0, "good", "good");
        CompletableFuture<Task> stopped = new CompletableFuture<>();
        try (WasmtonRuntime runtime = WasmtonRuntime.of(module, FailureOptions.DEFAULT, Map.of())) {
            ProcessorSubscription subscription = builder(topic).properties(StaticPropertySupplier.of(List.of(
                    Property.ofStatic(ProcessorProperties.CONFIG_LOGGING_MDC_ENABLED, false))))
                    .processorsBuilder(ProcessorsBuilder.consuming(topic, new ByteArrayDeserializer()).thenProcess(
                            () -> new WasmtonProcessor(runtime, stopped::complete), ProcessorScope.THREAD))
                    .buildAndStart();
            try {
                Await.result("the refusal", stopped);
            } finally {
                subscription.asyncClose().get(Await.LIMIT.toSeconds(), TimeUnit.SECONDS);
            }
            assertTrue(runtime.stopReason().contains("decaton.logging.mdc.enabled"), runtime.stopReason());
            assertEquals(0, runtime.stats().attempts());
        }
        assertEquals(Map.of(), TestKafka.committed("group-" + topic, topic));
    }

    /** Pushes a task from another thread, like {@code CompactionProcessor}. */
    @Test
    void knowsThePlaceOfATaskThatAnotherThreadPushed() throws Exception {
        String topic = TestKafka.newTopic(1);
        TestKafka.send(topic, 0, "good", "fails");
        CompletableFuture<Task> stopped = new CompletableFuture<>();
        ExecutorService pusher = Executors.newSingleThreadExecutor();
        ProcessorSubscription subscription = builder(topic)
                .processorsBuilder(ProcessorsBuilder.consuming(topic, new ByteArrayDeserializer())
                        .thenProcess((context, task) -> {
                            Completion completion = context.deferCompletion();
                            pusher.submit(() -> {
                                completion.completeWith(context.push(task));
                                return null;
                            });
                        })
                        .thenProcess(() -> new WasmtonProcessor(module, stopped::complete), ProcessorScope.THREAD))
                .buildAndStart();
        try {
            assertEquals(topic + "-0@1", Await.result("the failure", stopped).toString());
        } finally {
            subscription.asyncClose().get(Await.LIMIT.toSeconds(), TimeUnit.SECONDS);
            pusher.shutdown();
        }
        assertEquals(Map.of(0, 1L), TestKafka.committed("group-" + topic, topic));
    }

    /** Pushes a task while Decaton's thread processes the next record, like a {@code BatchingProcessor}. */
    @Test
    void knowsThePlaceOfATaskThatIsPushedAtTheNextRecord() throws Exception {
        String topic = TestKafka.newTopic(1);
        TestKafka.send(topic, 0, "fails", "good");
        CompletableFuture<Task> stopped = new CompletableFuture<>();
        CompletableFuture<String> placeOfTheNext = new CompletableFuture<>();
        List<ProcessingContext<byte[]>> kept = new ArrayList<>();
        ProcessorSubscription subscription = builder(topic)
                .processorsBuilder(ProcessorsBuilder.consuming(topic, new ByteArrayDeserializer())
                        .thenProcess((context, task) -> {
                            kept.add(context);
                            context.deferCompletion();
                            if (kept.size() == 2) {
                                kept.get(0).push("fails".getBytes(UTF_8));
                                placeOfTheNext.complete(MDC.get(LoggingContext.OFFSET_KEY));
                            }
                        })
                        .thenProcess(() -> new WasmtonProcessor(module, stopped::complete), ProcessorScope.THREAD))
                .buildAndStart();
        try {
            assertEquals(topic + "-0@0", Await.result("the failure", stopped).toString());
            assertEquals("1", Await.result("the end of the push", placeOfTheNext));
        } finally {
            subscription.asyncClose().get(Await.LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
    }

    /** The tasks take so long that threads which share a processor meet in it. */
    @ParameterizedTest
    @EnumSource(ProcessorScope.class)
    void processesTasksInAnyScope(ProcessorScope scope) throws Exception {
        String topic = TestKafka.newTopic(2);
        for (int i = 0; i < 80; i++) {
            TestKafka.sendAsync(topic, i % 2, ("key-" + i).getBytes(UTF_8), "sleep 20".getBytes(UTF_8));
        }
        TestKafka.flush();
        try (GuestModule probe = GuestModule.load(TestGuests.guest("probe"), GuestOptions.DEFAULT);
                WasmtonRuntime runtime = WasmtonRuntime.of(probe, FailureOptions.DEFAULT, Map.of());
                WasmtonProcessor provided = new WasmtonProcessor(runtime, stops::add)) {
            ProcessorsBuilder<byte[]> processors = ProcessorsBuilder.consuming(topic, new ByteArrayDeserializer());
            ProcessorSubscription subscription = builder(topic).properties(StaticPropertySupplier.of(List.of(
                    Property.ofStatic(ProcessorProperties.CONFIG_PARTITION_CONCURRENCY, 4))))
                    .processorsBuilder(scope == ProcessorScope.PROVIDED ? processors.thenProcess(provided)
                            : processors.thenProcess(() -> new WasmtonProcessor(runtime, stops::add), scope))
                    .buildAndStart();
            try {
                Await.until("all tasks", () -> runtime.stats().done() == 80 || runtime.stopReason() != null);
            } finally {
                subscription.asyncClose().get(Await.LIMIT.toSeconds(), TimeUnit.SECONDS);
            }
            assertEquals(null, runtime.stopReason());
            assertEquals(80, runtime.stats().done());
            assertEquals(80, runtime.stats().attempts());
        }
        assertEquals(Map.of(0, 40L, 1, 40L), TestKafka.committed("group-" + topic, topic));
    }

    @Test
    void throwingHandlersDoNotCompleteTheTask() {
        try (WasmtonProcessor processor = new WasmtonProcessor(module, task -> {
            throw new IllegalStateException("thrown by the test");
        })) {
            assertFalse(process(processor, "fails").isDone());
        }
    }

    @Test
    void instancesThatCannotBeMadeFailTheTask() {
        try (WasmtonProcessor processor = new WasmtonProcessor(module, stops::add)) {
            module.close();
            assertFalse(process(processor, "good").isDone());
        }
        assertEquals(1, stops.size());
    }

    @Test
    void processorsLeaveTheCallersModuleOpen() {
        WasmtonProcessor processor = new WasmtonProcessor(module, stops::add);
        assertTrue(process(processor, "good").isDone());
        processor.close();
        processor.close();
        module.instantiate().close();
    }

    @Test
    void processorsFromAPathShareOneModule(@TempDir Path directory) throws Exception {
        Path wasm = Files.writeString(directory.resolve("guest.wat"), Guests.TRAPS_AT_F);
        WasmtonProcessor first = new WasmtonProcessor(wasm.toString());
        // What is not there any more cannot have been compiled again.
        Files.delete(wasm);
        WasmtonProcessor second = new WasmtonProcessor(wasm, GuestOptions.DEFAULT);
        first.close();
        first.close();
        assertTrue(process(second, "good").isDone());
        assertFalse(process(second, "fails").isDone());
        second.close();
        assertThrows(InvalidGuestException.class, () -> new WasmtonProcessor(wasm.toString()));
    }

    /** Runs the processor in a subscription, like an application. */
    @Test
    void subscriptionsDoNotCommitAFailedTask() throws Exception {
        String topic = TestKafka.newTopic(1);
        TestKafka.send(topic, 0, "good", "good", "fails", "good");
        CompletableFuture<Task> stopped = new CompletableFuture<>();
        ProcessorSubscription subscription = subscription(topic, () -> new WasmtonProcessor(module, stopped::complete));
        try {
            assertEquals(topic + "-0@2", Await.result("the failure", stopped).toString());
        } finally {
            subscription.asyncClose().get(Await.LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
        assertEquals(Map.of(0, 2L), TestKafka.committed("group-" + topic, topic));
    }

    @Test
    void deadLettersCarryTheWholeTask() throws Exception {
        String topic = TestKafka.newTopic(1);
        String dead = TestKafka.newTopic(1);
        TestKafka.send(topic, 0, "good");
        TestKafka.send(new ProducerRecord<>(topic, 0, 1_234L, "key".getBytes(UTF_8), "fails".getBytes(UTF_8),
                List.of(new RecordHeader("h", new byte[] {1}))));
        TestKafka.send(topic, 0, "good");
        FailureOptions options = FailureOptions.DEFAULT.withAttempts(1).withDeadLetterTopic(dead);
        Map<String, String> kafka = Map.of("bootstrap.servers", TestKafka.bootstrapServers());
        try (WasmtonRuntime runtime = WasmtonRuntime.of(module, options, kafka)) {
            ProcessorSubscription subscription = subscription(topic,
                    () -> new WasmtonProcessor(runtime, stops::add));
            try {
                Await.until("all of it", () -> TestKafka.committed("group-" + topic, topic).equals(Map.of(0, 3L)));
            } finally {
                subscription.asyncClose().get(Await.LIMIT.toSeconds(), TimeUnit.SECONDS);
            }
            assertEquals(2, runtime.stats().done());
        }
        assertEquals(List.of(), stops);
        ConsumerRecord<byte[], byte[]> record = TestKafka.records(dead).get(0);
        DeadLetter letter = DeadLetter.read(record);
        assertEquals(topic + "-0@1 1234", letter.topic() + '-' + letter.partition() + '@' + letter.offset() + ' '
                + letter.timestamp());
        assertEquals("key", new String(record.key(), UTF_8));
        assertEquals("fails", new String(record.value(), UTF_8));
        assertEquals("[1]", Arrays.toString(record.headers().lastHeader("h").value()));
    }

    private static ProcessorSubscription subscription(String topic, Supplier<DecatonProcessor<byte[]>> processors) {
        return builder(topic).processorsBuilder(ProcessorsBuilder.consuming(topic, new ByteArrayDeserializer())
                .thenProcess(processors, ProcessorScope.THREAD)).buildAndStart();
    }

    private static SubscriptionBuilder builder(String topic) {
        Properties consumer = new Properties();
        consumer.setProperty("bootstrap.servers", TestKafka.bootstrapServers());
        consumer.setProperty("group.id", "group-" + topic);
        consumer.setProperty("auto.offset.reset", "earliest");
        return SubscriptionBuilder.newBuilder("test").consumerConfig(consumer);
    }

    @Test
    void endedWaitsLeaveTheTaskOpen() throws Exception {
        FailureOptions options = FailureOptions.DEFAULT.withBackoff(Duration.ofHours(1), Duration.ofHours(1));
        try (WasmtonRuntime runtime = WasmtonRuntime.of(module, options, Map.of());
             WasmtonProcessor processor = new WasmtonProcessor(runtime, stops::add)) {
            StubContext context = new StubContext();
            OnThread waiting = OnThread.start("processing", () -> {
                setPlace();
                processor.process(context, "fails".getBytes(UTF_8));
            });
            Await.until("the wait", () -> runtime.stats().retried() == 1);
            runtime.endWaits();
            waiting.join();
            assertFalse(context.isDone());
            assertFalse(process(processor, "good").isDone(), "what follows is left open too");
        }
        assertEquals(List.of(), stops);
    }

    private static StubContext process(WasmtonProcessor processor, String task) {
        StubContext context = new StubContext();
        processor.process(context, task.getBytes(UTF_8));
        return context;
    }
}
