package io.github.wasmton.internal.engine.streams;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.Decision;
import io.github.wasmton.internal.engine.Effects;
import io.github.wasmton.internal.engine.TaskProcessor;

class BatchWindowTest {
    /** Tasks that the processor was given: batches in brackets, then each task at its turn. */
    private final List<String> given = new ArrayList<>();
    private final BatchWindow window = new BatchWindow(3);

    /** A processor that takes at most as many tasks as it likes, and fails a batch with the value "trap". */
    private final class Recorder implements TaskProcessor {
        private int most = Integer.MAX_VALUE;

        @Override
        public List<Outcome> attempt(List<Task> batch) {
            List<Task> taken = batch.subList(0, Math.min(most, batch.size()));
            given.add(taken.stream().map(BatchWindowTest::name).toList().toString());
            boolean fails = taken.stream().anyMatch(task -> name(task).equals("trap"));
            return Collections.nCopies(taken.size(), fails ? null : Outcome.DONE);
        }

        @Override
        public Decision process(Task task, Outcome first, Effects effects) {
            given.add(name(task));
            return Decision.COMPLETE;
        }

        @Override
        public Decision process(Task task) {
            given.add(name(task) + " alone");
            return Decision.COMPLETE;
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }

    private final Recorder processor = new Recorder();

    private static String name(Task task) {
        return new String(task.value(), UTF_8);
    }

    /** Adds records of a partition, each as a key, or - for none, and a value. */
    private List<Task> open(int partition, String... records) {
        List<Task> tasks = new ArrayList<>();
        List<ConsumerRecord<byte[], byte[]>> added = new ArrayList<>();
        for (String record : records) {
            String[] parts = record.split("=");
            byte[] key = parts[0].equals("-") ? null : parts[0].getBytes(UTF_8);
            byte[] value = parts[1].getBytes(UTF_8);
            added.add(new ConsumerRecord<>("t", partition, tasks.size(), key, value));
            tasks.add(new Task("t", partition, tasks.size(), 0, key, value, List.of(), 1));
        }
        Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> all = new LinkedHashMap<>();
        all.put(new TopicPartition("t", partition), added);
        window.open(new ConsumerRecords<>(all, Map.of()));
        return tasks;
    }

    private void bring(Task... tasks) {
        Arrays.stream(tasks).forEach(task -> window.process(task, processor, null));
    }

    @Test
    void batchHasTasksOfAllPartitionsAndBeginsWithTheOneWhoseTurnItIs() {
        List<Task> zero = open(0, "-=a", "-=b", "-=c", "-=d");
        List<Task> one = open(1, "-=e", "-=f");
        bring(one.get(0), zero.get(0), zero.get(1));
        assertEquals(List.of("[e, a, b]", "e", "a", "b"), given);
        bring(zero.get(2), one.get(1), zero.get(3));
        assertEquals(List.of("[c, d, f]", "c", "f", "d"), given.subList(4, 8));
        assertTrue(window.isEmpty());
    }

    /** Lets b=3 wait behind b=2, which was in the first batch and whose turn has not come. */
    @Test
    void keyIsInABatchOnceAndNotBehindAnUnsettledTask() {
        List<Task> tasks = open(0, "a=1", "a=4", "b=2", "b=3", "c=5");
        bring(tasks.get(0), tasks.get(1), tasks.get(2), tasks.get(3), tasks.get(4));
        assertEquals(List.of("[1, 2, 5]", "1", "[4]", "4", "2", "[3]", "3", "5"), given);
    }

    @Test
    void sameKeyOfAnotherPartitionIsAnother() {
        List<Task> zero = open(0, "a=1");
        open(1, "a=2");
        bring(zero.get(0));
        assertEquals(List.of("[1, 2]", "1"), given);
    }

    @Test
    void tasksOfAFailedBatchBeginAloneAndInNoOtherBatch() {
        List<Task> tasks = open(0, "-=a", "-=trap", "-=c", "-=d");
        bring(tasks.get(0), tasks.get(1), tasks.get(2), tasks.get(3));
        assertEquals(List.of("[a, trap, c]", "a alone", "trap alone", "c alone", "[d]", "d"), given);
    }

    @Test
    void tasksThatABatchHadNoRoomForAreInTheNext() {
        processor.most = 2;
        List<Task> tasks = open(0, "-=a", "-=b", "-=c");
        bring(tasks.get(0), tasks.get(1), tasks.get(2));
        assertEquals(List.of("[a, b]", "a", "b", "[c]", "c"), given);
    }

    @Test
    void partitionThatGoesLeavesNoOutcome() {
        List<Task> zero = open(0, "-=a");
        List<Task> one = open(1, "-=b", "-=c");
        bring(zero.get(0), one.get(0));
        window.forget(List.of(new TopicPartition("t", 1)));
        assertTrue(window.isEmpty());
        // It comes back, and begins again.
        bring(open(1, "-=b").get(0));
        assertEquals(List.of("[a, b, c]", "a", "b", "[b]", "b"), given);
    }

    @Test
    void recordThatComesOnceMoreBeginsAlone() {
        List<Task> tasks = open(0, "-=a", "-=b");
        bring(tasks.get(0), tasks.get(0));
        assertEquals(List.of("[a, b]", "a", "a alone"), given);
        assertFalse(window.isEmpty());
    }
}
