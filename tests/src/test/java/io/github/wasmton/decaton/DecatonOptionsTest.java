package io.github.wasmton.decaton;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;

import com.linecorp.decaton.processor.Completion;
import com.linecorp.decaton.processor.DecatonProcessor;
import com.linecorp.decaton.processor.TaskMetadata;
import com.linecorp.decaton.processor.runtime.ProcessorScope;
import com.linecorp.decaton.processor.runtime.ProcessorSubscription;
import com.linecorp.decaton.processor.runtime.ProcessorsBuilder;
import com.linecorp.decaton.processor.runtime.RetryConfig;
import com.linecorp.decaton.processor.runtime.SubscriptionBuilder;

import io.github.wasmton.failure.FailureOptions;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.OutputAccess;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.kafka.DeadLetter;
import io.github.wasmton.internal.kafka.RecordHeaders;
import io.github.wasmton.internal.kafka.RecordSender;
import io.github.wasmton.internal.kafka.RetryTopic;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.Guests;
import io.github.wasmton.testing.TestGuests;
import io.github.wasmton.testing.TestKafka;
import io.github.wasmton.testing.Wasm;

/** Tests what of Decaton a guest uses in a subscription: the next processor, and the retry topic. */
class DecatonOptionsTest {
    private static final Map<String, String> KAFKA = Map.of("bootstrap.servers", TestKafka.bootstrapServers());
    private static final FailureOptions OPTIONS =
            FailureOptions.DEFAULT.withBackoff(Duration.ofMillis(1), Duration.ofMillis(1));
    /** Asks a retry for a task that begins with 1. */
    private static final String RETRIES = Guests.MISDEEDS;

    private final String topic = TestKafka.newTopic(1);
    private final CompletableFuture<Task> stopped = new CompletableFuture<>();

    @Test
    void outputsGoToTheNextProcessorWhoseCompletionIsTheTasks() throws Exception {
        TestKafka.send(topic, 0, "produce next a b");
        Queue<String> pushed = new ConcurrentLinkedQueue<>();
        Queue<Completion> open = new ConcurrentLinkedQueue<>();
        runChain((context, value) -> {
            pushed.add(new String(value, UTF_8));
            open.add(context.deferCompletion());
        }, subscription -> {
            Await.until("both outputs", () -> open.size() == 2);
            assertEquals(List.of("a", "b"), List.copyOf(pushed));
            open.remove().complete();
            assertEquals(Map.of(), TestKafka.committed("group-" + topic, topic));
            open.remove().complete();
            Await.until("the commit", () -> TestKafka.committed("group-" + topic, topic).equals(Map.of(0, 1L)));
        });
    }

    @Test
    void failuresOfTheNextProcessorAreTheTasks() throws Exception {
        TestKafka.send(topic, 0, "produce next a");
        String reason = runChain((context, value) -> {
            throw new IllegalStateException("thrown by the test");
        }, subscription -> Await.result("the failure", stopped));
        assertTrue(reason.contains("failed"), reason);
        assertEquals(Map.of(), TestKafka.committed("group-" + topic, topic));
    }

    private interface Check {
        void run(ProcessorSubscription subscription) throws Exception;
    }

    /** Runs a guest and a processor behind it. Returns why they stopped. */
    private String runChain(DecatonProcessor<byte[]> next, Check check) throws Exception {
        GuestOptions granted = GuestOptions.DEFAULT.withOutputs(OutputAccess.to("next"));
        try (GuestModule probe = GuestModule.load(TestGuests.guest("probe"), granted);
                WasmtonRuntime runtime = WasmtonRuntime.of(probe, OPTIONS, KAFKA,
                        DecatonOptions.DEFAULT.withDownstream("next"))) {
            run(topic, ProcessorsBuilder.consuming(topic, new ByteArrayDeserializer())
                    .thenProcess(() -> new WasmtonProcessor(runtime, stopped::complete), ProcessorScope.THREAD)
                    .thenProcess(next), check);
            return runtime.stopReason();
        }
    }

    private static void run(String topic, ProcessorsBuilder<byte[]> processors, Check check) throws Exception {
        run(builder(topic), processors, check);
    }

    private static void run(SubscriptionBuilder builder, ProcessorsBuilder<byte[]> processors, Check check)
            throws Exception {
        ProcessorSubscription subscription = builder.processorsBuilder(processors).buildAndStart();
        try {
            check.run(subscription);
        } finally {
            Await.result("the close", subscription.asyncClose());
        }
    }

    private static SubscriptionBuilder builder(String topic) {
        Properties consumer = new Properties();
        consumer.putAll(KAFKA);
        consumer.setProperty("group.id", "group-" + topic);
        consumer.setProperty("auto.offset.reset", "earliest");
        return SubscriptionBuilder.newBuilder("test").consumerConfig(consumer);
    }

    @Test
    void asyncProcessorsRefuseADownstream() {
        try (GuestModule probe = GuestModule.load(TestGuests.guest("probe"), GuestOptions.DEFAULT);
                WasmtonRuntime runtime = WasmtonRuntime.of(probe, OPTIONS, KAFKA,
                        DecatonOptions.DEFAULT.withDownstream("next"))) {
            assertThrows(IllegalArgumentException.class, () -> new AsyncWasmtonProcessor(runtime, 1, () -> { }));
        }
    }

    @Test
    void retriesGoToTheRetryTopicWithTheirMetadata() throws Exception {
        String retries = TestKafka.newTopic(1);
        TestKafka.send(new ProducerRecord<>(topic, 0, 1_234L, "key".getBytes(UTF_8), "1".getBytes(UTF_8),
                List.of(new RecordHeader("h", new byte[] {1}))));
        TestKafka.send(topic, 0, "good");
        long before = System.currentTimeMillis();
        Duration backoff = Duration.ofMillis(500);
        assertNull(runRetrying(DecatonOptions.DEFAULT.withRetryTopic(retries, backoff), subscription -> Await.until(
                "both to be complete", () -> TestKafka.committed("group-" + topic, topic).equals(Map.of(0, 2L)))));
        CompletableFuture<TaskMetadata> metadata = new CompletableFuture<>();
        CompletableFuture<String> content = new CompletableFuture<>();
        run(retries, ProcessorsBuilder.consuming(retries, new ByteArrayDeserializer()).thenProcess((context, value) -> {
            content.complete(new String(context.key(), UTF_8) + ' ' + new String(value, UTF_8) + ' '
                    + context.headers().lastHeader("h").value()[0]);
            metadata.complete(context.metadata());
        }), subscription -> Await.result("the retry", metadata));
        assertEquals("key 1 1", content.join());
        assertEquals(1, metadata.join().retryCount());
        assertEquals(1_234, metadata.join().timestampMillis());
        assertTrue(metadata.join().scheduledTimeMillis() >= before + backoff.toMillis());
    }

    /** Lets Decaton read the retry topic, until the task has had its attempts. */
    @Test
    void decatonDeliversRetriesUntilTheAttemptsAreUsedUp() throws Exception {
        String retries = TestKafka.newTopic(1);
        String dead = TestKafka.newTopic(1);
        Duration backoff = Duration.ofMillis(20);
        TestKafka.send(new ProducerRecord<>(topic, 0, 1_234L, "key".getBytes(UTF_8), "1".getBytes(UTF_8)));
        TestKafka.send(topic, 0, "good");
        try (GuestModule module = Wasm.guest(RETRIES, GuestOptions.DEFAULT);
                WasmtonRuntime runtime = WasmtonRuntime.of(module, OPTIONS.withAttempts(3).withDeadLetterTopic(dead),
                        KAFKA, DecatonOptions.DEFAULT.withRetryTopic(retries, backoff))) {
            SubscriptionBuilder builder = builder(topic)
                    .enableRetry(RetryConfig.builder().retryTopic(retries).backoff(backoff).build());
            run(builder, ProcessorsBuilder.consuming(topic, new ByteArrayDeserializer()).thenProcess(
                    () -> new WasmtonProcessor(runtime, stopped::complete), ProcessorScope.THREAD),
                    subscription -> Await.until("all to be complete", () ->
                            TestKafka.committed("group-" + topic, topic).equals(Map.of(0, 2L))
                                    && TestKafka.committed("group-" + topic, retries).equals(Map.of(0, 2L))));
            assertNull(runtime.stopReason());
        }
        assertEquals(2, TestKafka.records(retries).size());
        ConsumerRecord<byte[], byte[]> record = TestKafka.records(dead).get(0);
        assertEquals("1", new String(record.value(), UTF_8));
        DeadLetter letter = DeadLetter.read(record);
        assertEquals(List.of(retries, 1L), List.of(letter.topic(), letter.offset()));
    }

    @Test
    void tasksStayIfTheRetryTopicDoesNotTakeThem() throws Exception {
        String retries = TestKafka.newTopic(1);
        TestKafka.configure(retries, "max.message.bytes", "10");
        TestKafka.send(topic, 0, "1");
        String reason = runRetrying(DecatonOptions.DEFAULT.withRetryTopic(retries, Duration.ofMillis(1)),
                subscription -> Await.result("the failure", stopped));
        assertTrue(reason.contains("no dead-letter topic"), reason);
        assertEquals(Map.of(), TestKafka.committed("group-" + topic, topic));
        assertEquals(List.of(), TestKafka.records(retries));
    }

    @Test
    void attemptsCountInAllDeliveries() throws Exception {
        String retries = TestKafka.newTopic(1);
        // A task that was retried twice: 4 is the number of retries.
        TestKafka.send(new ProducerRecord<>(topic, 0, null, "key".getBytes(UTF_8), "1".getBytes(UTF_8),
                List.of(new RecordHeader("dt_meta", new byte[] {4 << 3, 2}))));
        runRetrying(DecatonOptions.DEFAULT.withRetryTopic(retries, Duration.ofMillis(1)),
                subscription -> Await.result("the failure", stopped));
        assertEquals(List.of(), TestKafka.records(retries));
    }

    /** Retries a task again and again: what it carries does not grow (docs/field-reports.md). */
    @Test
    void retriesDoNotAccumulateHeaders() throws Exception {
        String retries = TestKafka.newTopic(1);
        List<Task.Header> headers = List.of(new Task.Header("h", new byte[] {1}));
        try (RecordSender sender = new RecordSender(KAFKA)) {
            RetryTopic retryTopic = new RetryTopic(sender, retries, Duration.ofHours(1));
            for (int attempt = 1; attempt <= 20; attempt++) {
                retryTopic.send(new Task(topic, 0, 1, 1_234, null, new byte[0], headers, attempt)).get();
                ConsumerRecord<byte[], byte[]> record = TestKafka.records(retries).get(attempt - 1);
                headers = RecordHeaders.of(record.headers());
                assertEquals(List.of("h", "dt_meta"), headers.stream().map(Task.Header::name).toList());
                assertTrue(headers.get(1).value().length <= 12 + 12 + 2, "bytes: " + headers.get(1).value().length);
            }
        }
    }

    private String runRetrying(DecatonOptions options, Check check) throws Exception {
        try (GuestModule module = Wasm.guest(RETRIES, GuestOptions.DEFAULT);
                WasmtonRuntime runtime = WasmtonRuntime.of(module, OPTIONS, KAFKA, options)) {
            run(topic, ProcessorsBuilder.consuming(topic, new ByteArrayDeserializer()).thenProcess(
                    () -> new WasmtonProcessor(runtime, stopped::complete), ProcessorScope.THREAD), check);
            return runtime.stopReason();
        }
    }
}
