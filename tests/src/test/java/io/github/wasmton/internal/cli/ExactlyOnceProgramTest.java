package io.github.wasmton.internal.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.TestGuests;
import io.github.wasmton.testing.TestKafka;

/**
 * Kills two processes of a group in turn by signal 9, in as many rounds as the property {@code wasmton.test.rounds}
 * says ({@code -Prounds=100}). {@link StateStorm} does it with state.
 */
class ExactlyOnceProgramTest {
    private static final int ROUNDS = Integer.getInteger("wasmton.test.rounds", 4);
    private static final int BATCH = 2_000;

    @TempDir
    Path directory;

    private final String topic = TestKafka.newTopic(2);
    private final String outputs = TestKafka.newTopic(2);

    @ParameterizedTest
    @ValueSource(strings = {"probe", "probe-batch"})
    void killsRepeatNothing(String guest) throws Exception {
        int sent = survive(guest, i -> new ProducerRecord<>(topic, i % 2, null, bytes("produce " + outputs + ' ' + i)));
        assertEquals(IntStream.range(0, sent).mapToObj(Integer::toString).sorted().toList(), outputs().stream()
                .map(record -> text(record.value())).sorted().toList());
    }

    /** Sends records in rounds, kills a process in each, and returns the number of records when all were processed. */
    private int survive(String guest, IntFunction<ProducerRecord<byte[], byte[]>> record) throws Exception {
        List<Process> running = new ArrayList<>();
        try {
            running.add(start(guest, 0));
            running.add(start(guest, 1));
            int sent = 0;
            for (int round = 0; round < ROUNDS; round++) {
                int before = outputs().size();
                for (int end = sent + BATCH; sent < end; sent++) {
                    TestKafka.sendAsync(record.apply(sent));
                }
                TestKafka.flush();
                // At another place each time.
                int some = before + BATCH / 10 * (1 + round % 7);
                Await.until("a part of the outputs", () -> outputs().size() >= some || !areAlive(running));
                assertTrue(areAlive(running), this::texts);
                Process killed = running.remove(0);
                killed.destroyForcibly();
                assertTrue(killed.waitFor(Await.LIMIT.toSeconds(), TimeUnit.SECONDS), "waited for it to be killed");
                running.add(start(guest, round % 2));
            }
            int all = sent;
            Await.until("every output", () -> outputs().size() >= all || !areAlive(running));
            assertTrue(areAlive(running), this::texts);
            for (Process each : running) {
                each.destroy();
                assertTrue(each.waitFor(Await.LIMIT.toSeconds(), TimeUnit.SECONDS), "waited for the program to end");
                assertEquals(0, each.exitValue(), this::texts);
            }
            return sent;
        } finally {
            running.forEach(Process::destroyForcibly);
        }
    }

    private Process start(String guest, int number) throws Exception {
        // Kafka hands the partitions of a member that is gone to the next after the time-out of its session, and aborts
        // its transaction after that of the transaction.
        return ProgramTest.start(directory.resolve("out-" + number), directory.resolve("err-" + number),
                "--kafka", "session.timeout.ms=1000", "--kafka", "heartbeat.interval.ms=200", "--exactly-once",
                "--producer", "transaction.timeout.ms=5000", "--deadline", "1s", "--attempts", "2", "--metrics-port",
                "none", "--output-topic", outputs, TestKafka.bootstrapServers(), topic,
                TestGuests.guest(guest).toString());
    }

    private List<ConsumerRecord<byte[], byte[]>> outputs() {
        return TestKafka.records(outputs);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, UTF_8);
    }

    private static boolean areAlive(List<Process> processes) {
        return processes.stream().allMatch(Process::isAlive);
    }

    private String texts() {
        StringBuilder texts = new StringBuilder();
        for (int i = 0; i < 2; i++) {
            texts.append(ProgramTest.text(directory.resolve("out-" + i)))
                    .append(ProgramTest.text(directory.resolve("err-" + i)));
        }
        return texts.toString();
    }
}
