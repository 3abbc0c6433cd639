package io.github.wasmton.decaton;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.utils.AppInfoParser;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import com.linecorp.decaton.processor.runtime.ProcessorScope;
import com.linecorp.decaton.processor.runtime.ProcessorSubscription;
import com.linecorp.decaton.processor.runtime.ProcessorsBuilder;
import com.linecorp.decaton.processor.runtime.SubscriptionBuilder;

import io.github.wasmton.failure.FailureOptions;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.ChildJvm;
import io.github.wasmton.testing.TestKafka;
import io.github.wasmton.testing.Wasm;

/**
 * Promise: a processor runs on the libraries that Decaton 9 brings. Maven prefers them where an application declares
 * Decaton before Wasmton.
 */
class LeastVersionsTest {
    /** Logs each task, and traps at one that begins with f. */
    private static final String GUEST = """
            (module
              (import "decaton" "poll_task" (func $poll (param i64 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
              (memory (export "memory") 1)
              (func (export "run")
                (i32.store (i32.const 0) (i32.const 64))
                (i32.store (i32.const 4) (call $poll (i64.const 64) (i32.const 100)))
                (drop (call $write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8)))
                (if (i32.eq (i32.load8_u (i32.const 64)) (i32.const 102)) (then unreachable))))""";

    @Test
    @Tag("own-jvm")
    void processorRunsOnTheVersionsThatDecatonBrings() throws Exception {
        String topic = TestKafka.newTopic(1);
        String dead = TestKafka.newTopic(1);
        TestKafka.send(topic, 0, "hello", "fails", "bye");
        ChildJvm.Result result = new ChildJvm().withClassPath(classPath())
                .run(Application.class, TestKafka.bootstrapServers(), topic, dead).succeeded();
        String output = result.out() + result.err();
        assertTrue(output.contains("processed on 3.2.3"), output);
        assertTrue(output.contains("hello"), output);
        assertEquals(Map.of(0, 3L), TestKafka.committed("group-" + topic, topic));
        assertEquals(List.of("fails"),
                TestKafka.records(dead).stream().map(record -> new String(record.value(), UTF_8)).toList());
    }

    /** Returns the class path of the tests with the older libraries in place of the same newer ones. */
    private static String classPath() {
        String least = System.getProperty("wasmton.test.least");
        List<String> names = Arrays.stream(least.split(File.pathSeparator))
                .map(path -> new File(path).getName().replaceAll("-[0-9].*", "")).toList();
        return least + File.pathSeparator
                + Arrays.stream(System.getProperty("wasmton.test.classpath").split(File.pathSeparator))
                        .filter(path -> !names.contains(new File(path).getName().replaceAll("-[0-9].*", "")))
                        .collect(Collectors.joining(File.pathSeparator));
    }

    static class Application {
        public static void main(String[] args) throws Exception {
            CountDownLatch left = new CountDownLatch(3);
            Map<String, String> kafka = Map.of("bootstrap.servers", args[0]);
            Properties consumer = new Properties();
            consumer.putAll(kafka);
            consumer.setProperty("group.id", "group-" + args[1]);
            consumer.setProperty("auto.offset.reset", "earliest");
            try (GuestModule module = Wasm.guest(GUEST, GuestOptions.DEFAULT);
                    WasmtonRuntime runtime = WasmtonRuntime.of(module, FailureOptions.DEFAULT.withAttempts(1)
                            .withDeadLetterTopic(args[2]), kafka)) {
                ProcessorSubscription subscription = SubscriptionBuilder.newBuilder("test").consumerConfig(consumer)
                        .processorsBuilder(ProcessorsBuilder.consuming(args[1], new ByteArrayDeserializer())
                                .thenProcess((context, task) -> {
                                    context.push(task);
                                    left.countDown();
                                })
                                .thenProcess(() -> new WasmtonProcessor(runtime, task -> { }), ProcessorScope.THREAD))
                        .buildAndStart();
                boolean all = left.await(Await.LIMIT.toSeconds(), TimeUnit.SECONDS);
                subscription.asyncClose().get(Await.LIMIT.toSeconds(), TimeUnit.SECONDS);
                System.out.println((all ? "processed" : "too slow") + " on " + AppInfoParser.getVersion());
            }
        }
    }
}
