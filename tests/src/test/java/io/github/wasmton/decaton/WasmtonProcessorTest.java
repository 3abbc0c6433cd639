package io.github.wasmton.decaton;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.MDC;

import com.linecorp.decaton.processor.LoggingContext;
import com.linecorp.decaton.processor.runtime.ProcessorScope;
import com.linecorp.decaton.processor.runtime.ProcessorSubscription;
import com.linecorp.decaton.processor.runtime.ProcessorsBuilder;
import com.linecorp.decaton.processor.runtime.SubscriptionBuilder;

import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.InvalidGuestException;
import io.github.wasmton.guest.Task;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.Guests;
import io.github.wasmton.testing.TestKafka;
import io.github.wasmton.testing.Wasm;

/** Against a fake of Decaton's context, which says what Decaton would commit; DecatonEngineTest runs the real one. */
class WasmtonProcessorTest {
    private final GuestModule module = Wasm.guest(Guests.TRAPS_AT_F, GuestOptions.DEFAULT);
    private final List<Task> stops = new ArrayList<>();

    @AfterEach
    void close() {
        module.close();
        MDC.clear();
    }

    @Test
    void aTaskThatSucceedsIsNotEvenDeferred() {
        try (WasmtonProcessor processor = new WasmtonProcessor(module, stops::add)) {
            FakeContext context = process(processor, "good");
            assertFalse(context.isDeferred());
            assertTrue(context.isDone());
        }
        assertEquals(List.of(), stops);
    }

    @Test
    void aTaskThatFailsIsNeverDoneAndNeitherIsWhatFollows() {
        MDC.put(LoggingContext.TOPIC_KEY, "topic");
        MDC.put(LoggingContext.PARTITION_KEY, "3");
        MDC.put(LoggingContext.OFFSET_KEY, "42");
        try (WasmtonProcessor processor = new WasmtonProcessor(module, stops::add)) {
            assertTrue(process(processor, "good").isDone());
            assertFalse(process(processor, "fails").isDone());
            assertFalse(process(processor, "good").isDone());
            assertFalse(process(processor, "fails").isDone());
        }
        assertEquals(List.of("topic-3@42"), stops.stream().map(Task::toString).toList(), "told once");
    }

    @Test
    void aTaskWithoutALoggingContextComesFromNowhere() {
        try (WasmtonProcessor processor = new WasmtonProcessor(module, stops::add)) {
            assertFalse(process(processor, "fails").isDone());
        }
        assertEquals(-1, stops.get(0).partition());
        assertEquals(-1, stops.get(0).offset());
    }

    @Test
    void aHandlerThatThrowsDoesNotCompleteTheTask() {
        try (WasmtonProcessor processor = new WasmtonProcessor(module, task -> {
            throw new IllegalStateException("thrown by the test");
        })) {
            assertFalse(process(processor, "fails").isDone());
        }
    }

    @Test
    void aGuestThatCannotBeMadeIsAFailureToo() {
        try (WasmtonProcessor processor = new WasmtonProcessor(module, stops::add)) {
            module.close();
            assertFalse(process(processor, "good").isDone());
        }
        assertEquals(1, stops.size());
    }

    @Test
    void theCallersModuleStaysOpen() {
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

    /** As in an application of one's own. */
    @Test
    @EnabledIf("io.github.wasmton.decaton.DecatonEngineTest#decatonIsPresent")
    void inARealSubscriptionAFailedTaskIsNotCommittedAndItsPlaceIsKnown() throws Exception {
        String topic = TestKafka.newTopic(1);
        TestKafka.send(topic, 0, "good", "good", "fails", "good");
        Properties consumer = new Properties();
        consumer.setProperty("bootstrap.servers", TestKafka.bootstrapServers());
        consumer.setProperty("group.id", "group-" + topic);
        consumer.setProperty("auto.offset.reset", "earliest");
        CompletableFuture<Task> stopped = new CompletableFuture<>();
        ProcessorSubscription subscription = SubscriptionBuilder.newBuilder("test")
                .consumerConfig(consumer)
                .processorsBuilder(ProcessorsBuilder.consuming(topic, new ByteArrayDeserializer())
                        .thenProcess(() -> new WasmtonProcessor(module, stopped::complete), ProcessorScope.THREAD))
                .buildAndStart();
        try {
            assertEquals(topic + "-0@2", Await.result("the failure", stopped).toString());
        } finally {
            subscription.asyncClose().get(Await.LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
        assertEquals(Map.of(0, 2L), TestKafka.committed("group-" + topic, topic));
    }

    private static FakeContext process(WasmtonProcessor processor, String task) {
        FakeContext context = new FakeContext();
        processor.process(context, task.getBytes(UTF_8));
        return context;
    }
}
