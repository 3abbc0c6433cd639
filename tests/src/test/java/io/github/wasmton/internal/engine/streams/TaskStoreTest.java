package io.github.wasmton.internal.engine.streams;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.wasmton.guest.StateStores;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.Decision;
import io.github.wasmton.internal.engine.Effects;
import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.StateConfig;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.TestKafka;

/** Tests stores by processors in Java, with a real Kafka. */
class TaskStoreTest extends StoreFixture {
    /** Closes the engine, also in the middle of the tasks, and starts another one, which has to read the changelog. */
    @ParameterizedTest
    @ValueSource(strings = {"classic", "streams"})
    void stateIsRestoredAndMovesWithItsPartition(String groupProtocol) throws Exception {
        settings.put("group.protocol", groupProtocol);
        int keys = 10;
        int count = 4_000;
        send(0, count / 2, keys);
        try (Engine engine = start(ONE, true, this::count)) {
            Await.until("some tasks", () -> seen.size() > count / 4);
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
        try (Engine engine = start(ONE, true, this::count)) {
            Await.until("some more", () -> TestKafka.records(out).size() > count / 4);
            try (Engine second = start(ONE, true, this::count)) {
                send(count / 2, count, keys);
                Await.until("the second to have its share", second::ready);
                assertCounted(count, keys);
                assertFalse(engine.ended().isDone() || second.ended().isDone(), "neither ended by itself");
                assertTrue(second.close(Await.LIMIT), "closed in time");
            }
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
        assertEquals(Map.of(0, count / 2L, 1, count / 2L), TestKafka.committed("group-" + topic, topic));
    }

    @Test
    void storeOnDiskContinuesAfterARestart() throws Exception {
        int keys = 10;
        StateConfig onDisk = stores(new StateConfig.Store("one", null, true));
        for (int start = 1; start <= 2; start++) {
            int sent = 1_000 * start;
            send(sent - 1_000, sent, keys);
            try (Engine engine = start(onDisk, true, this::count)) {
                Await.until("every task", () -> TestKafka.records(out).size() >= sent || engine.ended().isDone());
                assertTrue(engine.close(Await.LIMIT), "closed in time");
                assertEquals(null, engine.ended().getNow(null));
            }
        }
        assertCounted(2_000, keys);
        try (Stream<Path> files = Files.walk(directory)) {
            assertTrue(files.anyMatch(file -> file.endsWith("rocksdb")), "it lies on disk");
        }
    }

    /** Does what 500 tasks do at random to a store and to a model of it; a part of them drop their effects. */
    @Test
    void tasksSeeTheirOwnWritesOverTheStore() throws Exception {
        Random random = new Random(7);
        TreeMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);
        List<String> wrong = new ArrayList<>();
        BiFunction<Task, Effects, Decision> act = (task, effects) -> {
            for (boolean kept : new boolean[] {false, true}) {
                TreeMap<byte[], byte[]> own = new TreeMap<>(model);
                for (int i = random.nextInt(20); i >= 0; i--) {
                    step(random, effects.state(), own, wrong);
                }
                if (kept) {
                    model.clear();
                    model.putAll(own);
                } else {
                    effects.drop();
                }
            }
            return Decision.COMPLETE;
        };
        for (int i = 0; i < 500; i++) {
            TestKafka.sendAsync(topic, 0, null, bytes(Integer.toString(i)));
        }
        TestKafka.flush();
        try (Engine engine = start(ONE, true, act)) {
            Await.until("every task", () -> seen.size() >= 500 || engine.ended().isDone());
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
        assertEquals(List.of(), wrong);
        assertEquals(500, seen.size());
    }

    private static void step(Random random, StateStores state, TreeMap<byte[], byte[]> own, List<String> wrong) {
        byte[] key = key(random);
        byte[] value = new byte[random.nextInt(4)];
        random.nextBytes(value);
        switch (random.nextInt(4)) {
            case 0 -> {
                state.set(0, key, value);
                own.put(key, value);
            }
            case 1 -> {
                state.delete(0, key);
                own.remove(key);
            }
            case 2 -> {
                if (!Arrays.equals(own.get(key), state.get(0, key))) {
                    wrong.add("get " + Arrays.toString(key));
                }
            }
            default -> {
                byte[] to = random.nextInt(4) == 0 ? null : key(random);
                int limit = 1 + random.nextInt(5);
                List<String> expected = own.tailMap(key, true).entrySet().stream()
                        .filter(entry -> to == null || Arrays.compareUnsigned(entry.getKey(), to) < 0)
                        .limit(limit).map(entry -> entry(entry.getKey(), entry.getValue())).toList();
                List<String> found = state.scan(0, key, to, limit).stream()
                        .map(entry -> entry(entry.key(), entry.value())).toList();
                if (!expected.equals(found)) {
                    wrong.add("scan of " + expected + ": " + found);
                }
            }
        }
    }

    private static byte[] key(Random random) {
        byte[] key = new byte[random.nextInt(3)];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) (random.nextInt(6) * 50);  // on both sides of 127
        }
        return key;
    }

    private static String entry(byte[] key, byte[] value) {
        return Arrays.toString(key) + Arrays.toString(value);
    }

    @Test
    void entriesExpireByTheTimeOfTheRecords() throws Exception {
        StateConfig state = stores(new StateConfig.Store("seen", Duration.ofHours(1), false));
        long start = 1_700_000_000_000L;
        long minute = 60_000;
        Map<String, String> found = new HashMap<>();
        BiFunction<Task, Effects, Decision> act = (task, effects) -> {
            byte[] before = effects.state().get(0, bytes("key"));
            int scanned = effects.state().scan(0, new byte[0], null, 10).size();
            found.put(text(task.value()), (before == null ? "none" : text(before)) + ' ' + scanned);
            if (text(task.value()).startsWith("set")) {
                effects.state().set(0, bytes("key"), task.value());
            }
            return Decision.COMPLETE;
        };
        Map<String, Long> tasks = new TreeMap<>(Map.of("0 first", 0L, "1", 59L, "2", 60L));
        TestKafka.send(new ProducerRecord<>(topic, 0, start, null, bytes("set")));
        for (Map.Entry<String, Long> task : tasks.entrySet()) {
            TestKafka.send(new ProducerRecord<>(topic, 0, start + task.getValue() * minute, null,
                    bytes(task.getKey())));
        }
        TestKafka.send(new ProducerRecord<>(topic, 0, start + 61 * minute, null, bytes("set again")));
        TestKafka.send(new ProducerRecord<>(topic, 0, start + 62 * minute, null, bytes("3")));
        try (Engine engine = start(state, true, act)) {
            Await.until("every task", () -> seen.size() >= 6);
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
        assertEquals(Map.of("set", "none 0", "0 first", "set 1", "1", "set 1", "2", "none 0", "set again", "none 0",
                "3", "set again 1"), found);
        List<String> changes = TestKafka.records("group-" + topic + "-seen-changelog").stream()
                .map(record -> record.value() == null ? "deleted" : "set").toList();
        assertTrue(List.of(List.of("set", "deleted", "set"), List.of("set")).contains(changes),
                "the record cache may leave out what came in between: " + changes);
    }

    @Test
    void tablesHaveTheLastValueOfEachKeyOfAllPartitions() throws Exception {
        String table = TestKafka.newTopic(3);
        for (int i = 0; i < 30; i++) {
            TestKafka.sendAsync(table, i % 3, bytes("key-" + i % 15), bytes(Integer.toString(i)));
        }
        TestKafka.sendAsync(table, 0, bytes("key-0"), null);
        TestKafka.flush();
        Map<String, String> found = new HashMap<>();
        BiFunction<Task, Effects, Decision> read = (task, effects) -> {
            byte[] value = effects.state().get(0, task.value());
            found.put(text(task.value()), value == null ? "none" : text(value));
            return Decision.COMPLETE;
        };
        TestKafka.send(topic, 0, IntStream.range(0, 16).mapToObj(i -> "key-" + i).toArray(String[]::new));
        try (Engine engine = start(new StateConfig(List.of(), List.of(table)), false, read)) {
            Await.until("every task", () -> seen.size() >= 16);
            TestKafka.send(table, 2, bytes("key-1"), bytes("new"));
            Await.until("the new value", () -> {
                TestKafka.send(topic, 0, "key-1");
                return "new".equals(found.get("key-1"));
            });
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
        assertEquals("none", found.get("key-0"));
        assertEquals("none", found.get("key-15"));
        for (int i = 2; i < 15; i++) {
            assertEquals(Integer.toString(i + 15), found.get("key-" + i));
        }
    }

    @Test
    void changelogWithOtherPartitionsEndsItWithASentence() throws Exception {
        String changelog = "group-" + topic + "-one-changelog";
        TestKafka.createTopic(changelog, 1);
        try (Engine engine = start(ONE, true, this::count)) {
            String reason = Await.result("the engine to end", engine.ended());
            assertTrue(reason.contains("Existing internal topic " + changelog + " has invalid partitions: expected: 2; "
                    + "actual: 1."), reason);
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
    }
}
