package io.github.wasmton.decaton;

import static io.github.wasmton.testing.TestGuests.guest;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;

import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import ch.qos.logback.classic.Level;
import com.linecorp.decaton.processor.runtime.ProcessorScope;
import com.linecorp.decaton.processor.runtime.ProcessorSubscription;
import com.linecorp.decaton.processor.runtime.ProcessorsBuilder;
import com.linecorp.decaton.processor.runtime.SubscriptionBuilder;

import io.github.wasmton.failure.FailureOptions;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.InvalidGuestException;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.GuestLogCapture;
import io.github.wasmton.testing.Guests;
import io.github.wasmton.testing.TestKafka;
import io.github.wasmton.testing.TestServer;
import io.github.wasmton.testing.Wasm;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;

class AsyncWasmtonProcessorTest {
    private final GuestModule module = GuestModule.load(guest("probe"),
            GuestOptions.DEFAULT.withDeadline(Await.LIMIT).withNetwork(NetworkAccess.to("127.0.0.1")));
    private final WasmtonRuntime runtime = WasmtonRuntime.of(module, FailureOptions.DEFAULT, Map.of());
    private final AtomicInteger stops = new AtomicInteger();
    private final AsyncWasmtonProcessor processors =
            new AsyncWasmtonProcessor(runtime, 50, stops::incrementAndGet);
    private String topic;

    @BeforeEach
    void newTopic() {
        topic = TestKafka.newTopic(1);
    }

    @AfterEach
    void close() {
        processors.close();
        runtime.close();
        module.close();
    }

    private ProcessorSubscription subscribe() {
        Properties consumer = new Properties();
        consumer.setProperty("bootstrap.servers", TestKafka.bootstrapServers());
        consumer.setProperty("client.id", topic);
        consumer.setProperty("group.id", topic);
        consumer.setProperty("auto.offset.reset", "earliest");
        return SubscriptionBuilder.newBuilder(topic).consumerConfig(consumer)
                .processorsBuilder(ProcessorsBuilder.consuming(topic, new ByteArrayDeserializer())
                        .thenProcess(processors, ProcessorScope.THREAD))
                .buildAndStart();
    }

    @Test
    void oneThreadOfDecatonHasManyTasksInFlight() throws Exception {
        try (TestServer server = new TestServer(TestServer.echoTogether(50))) {
            for (int i = 0; i < 50; i++) {
                TestKafka.sendAsync(topic, 0, null, ("exchange " + server.address() + " hello").getBytes(UTF_8));
            }
            TestKafka.flush();
            ProcessorSubscription subscription = subscribe();
            Await.until("all to be begun", () -> runtime.stats().inFlight() + runtime.stats().done() == 50);
            assertTrue(processors.end(Await.LIMIT));
            subscription.close();
        }
        assertEquals(50, runtime.stats().done());
        assertEquals(Map.of(0, 50L), TestKafka.committed(topic, topic));
        assertEquals(0, stops.get());
    }

    @Test
    void guestsSeeTheWholeRecordInTheOrderOfItsKey() throws Exception {
        for (String task : List.of("sleep 300", "record", "count")) {
            TestKafka.send(topic, 0, "key".getBytes(UTF_8), task.getBytes(UTF_8));
        }
        try (GuestLogCapture log = new GuestLogCapture(Level.INFO)) {
            ProcessorSubscription subscription = subscribe();
            Await.until("all", () -> runtime.stats().done() == 3);
            assertTrue(processors.end(Await.LIMIT));
            subscription.close();
            List<String> lines = log.take();
            assertTrue(lines.get(0).contains("topic: \"" + topic + "\", partition: 0, offset: 1,"), lines.get(0));
            assertEquals("3", lines.get(1), "one after the other, in one instance");
        }
    }

    @Test
    void startsNothingAfterATaskThatCanGoNowhere() throws Exception {
        TestKafka.send(topic, 0, "nothing", "nothing", "fatal");
        ProcessorSubscription subscription = subscribe();
        Await.until("the stop", () -> stops.get() > 0);
        TestKafka.send(topic, 0, "nothing", "fatal");
        assertTrue(processors.end(Await.LIMIT));
        subscription.close();
        assertEquals(Map.of(0, 2L), TestKafka.committed(topic, topic));
        assertEquals(1, stops.get());
        assertTrue(runtime.stopReason().startsWith("task " + topic + "-0@2 failed"), runtime.stopReason());
    }

    @Test
    void tasksThatDoNotEndInTimeAreNotCommitted() throws Exception {
        TestKafka.send(topic, 0, "nothing", "sleep 50000");
        ProcessorSubscription subscription = subscribe();
        Await.until("the first", () -> runtime.stats().done() == 1 && runtime.stats().inFlight() == 1);
        assertFalse(processors.end(Duration.ofMillis(100)));
        subscription.close();
        assertEquals(Map.of(0, 1L), TestKafka.committed(topic, topic));
        processors.close();
        processors.close();
    }

    @Test
    void refusesACoreModule() {
        try (GuestModule core = Wasm.guest(Guests.TRAPS_AT_F, GuestOptions.DEFAULT)) {
            WasmtonRuntime ofCore = WasmtonRuntime.of(core, FailureOptions.DEFAULT, Map.of());
            assertThrows(InvalidGuestException.class, () -> new AsyncWasmtonProcessor(ofCore, 1, () -> { }));
        }
    }
}
