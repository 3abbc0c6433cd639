package io.github.wasmton.internal.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.wasmton.internal.kafka.KafkaSettings;
import io.github.wasmton.testing.TestKafka;

class KafkaCheckTest {
    @Test
    void topicHasItsPartitions() throws Exception {
        String topic = TestKafka.newTopic(3);
        assertEquals(3, KafkaCheck.partitions(TestKafka.bootstrapServers(), topic, List.of(), KafkaSettings.NONE));
    }

    @Test
    void oneReachableServerIsEnough() throws Exception {
        String topic = TestKafka.newTopic(1);
        String servers = "127.0.0.1:" + closedPort() + ", " + TestKafka.bootstrapServers();
        assertEquals(1, KafkaCheck.partitions(servers, topic, List.of(), KafkaSettings.NONE));
    }

    @Test
    void namesAMissingTopicAndTheCommandThatCreatesIt() {
        String message = refusal(TestKafka.bootstrapServers(), KafkaSettings.NONE);
        assertTrue(message.contains("--partitions 3 --replication-factor 3 --topic no-such-topic"), message);
        assertTrue(message.startsWith("The topic 'no-such-topic' does not exist on " + TestKafka.bootstrapServers()),
                message);
        assertTrue(message.contains("kafka-topics.sh"), message);
    }

    @Test
    void outputTopicsMustExist() {
        String topic = TestKafka.newTopic(3);
        String message = assertThrows(CommandException.class, () -> KafkaCheck.partitions(
                TestKafka.bootstrapServers(), topic, List.of(topic, "no-such-output"), KafkaSettings.NONE))
                .getMessage();
        assertTrue(message.startsWith("The topic 'no-such-output' does not exist on "), message);
    }

    @Test
    void reportsAClosedPortAsUnreachable() throws Exception {
        String server = "127.0.0.1:" + closedPort();
        String message = refusal(server, KafkaSettings.NONE);
        assertTrue(message.startsWith("No Kafka: " + server + " cannot be reached (Connection refused"), message);
        assertTrue(message.contains("BOOTSTRAP_SERVERS must name a running Kafka"), message);
    }

    /** Tests a form of addresses that Kafka's clients also take. */
    @Test
    void acceptsAProtocolBeforeAServer() throws Exception {
        String topic = TestKafka.newTopic(1);
        assertEquals(1, KafkaCheck.partitions("PLAINTEXT://" + TestKafka.bootstrapServers(), topic, List.of(),
                KafkaSettings.NONE));
    }

    @Test
    void unreachableKafkaIsNoInvalidInput() throws Exception {
        String server = "127.0.0.1:" + closedPort();
        assertEquals(ExitCode.FAILED, assertThrows(KafkaAwayException.class,
                () -> KafkaCheck.partitions(server, "topic", List.of(), KafkaSettings.NONE)).exitCode());
    }

    @Test
    void namesEveryServerThatFails() throws Exception {
        String one = "127.0.0.1:" + closedPort();
        String other = "127.0.0.1:" + closedPort();
        String message = refusal(one + ',' + other, KafkaSettings.NONE);
        assertTrue(message.contains(one + " cannot be reached") && message.contains(other + " cannot be reached"),
                message);
    }

    @Test
    void namesAnUnknownHost() {
        String message = refusal("no-such-host.invalid:9092", KafkaSettings.NONE);
        // A resolver that does not answer at all is not waited for.
        assertTrue(message.startsWith("No Kafka: no-such-host.invalid:9092 is not a known host")
                || message.startsWith("No Kafka: no-such-host.invalid:9092 does not answer"), message);
    }

    @Test
    void givesUpSoonOnAServerOtherThanKafka() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))) {
            String message = refusal("127.0.0.1:" + silent.getLocalPort(), KafkaSettings.NONE);
            assertTrue(message.contains("does not answer as Kafka does"), message);
        }
    }

    @Test
    void reportsARejectedSettingInTheClientsWords() {
        KafkaSettings settings = KafkaSettings.all(Map.of("security.protocol", "NONSENSE"));
        String message = refusal(TestKafka.bootstrapServers(), settings);
        assertTrue(message.startsWith("Kafka's client does not accept the settings: "), message);
        assertTrue(message.contains("security.protocol"), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "localhost:", ":9092", "localhost:port", "localhost:-1", "localhost:123456",
        "", "PLAINTEXT://localhost"})
    void rejectsAMalformedServer(String servers) {
        assertEquals("'" + servers + "' is not host:port, as BOOTSTRAP_SERVERS must be, such as localhost:9092.",
                refusal(servers, KafkaSettings.NONE));
    }

    private static String refusal(String servers, KafkaSettings settings) {
        return assertThrows(CommandException.class,
                () -> KafkaCheck.partitions(servers, "no-such-topic", List.of(), settings)).getMessage();
    }

    private static int closedPort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    @Test
    void changelogThatForgetsIsRefused() throws Exception {
        String servers = TestKafka.bootstrapServers();
        String changelog = TestKafka.newTopic(2);
        assertEquals(List.of("no-such-topic"),
                KafkaCheck.changelogs(servers, List.of("no-such-topic"), 2, KafkaSettings.NONE));
        assertEquals("--state: the changelog topic '" + changelog + "' has cleanup.policy=delete, so Kafka would "
                + "delete state that is still needed. Set its cleanup.policy to compact.", refused(changelog, 2));
        TestKafka.configure(changelog, "cleanup.policy", "compact");
        assertEquals(List.of(), KafkaCheck.changelogs(servers, List.of(changelog), 2, KafkaSettings.NONE));
        assertTrue(refused(changelog, 3).startsWith("--state: the changelog topic '" + changelog + "' has 2 "
                + "partitions, and the topic that is read has 3"), refused(changelog, 3));
    }

    @Test
    void groupHasProgressOnceItHasCommitted() throws Exception {
        String servers = TestKafka.bootstrapServers();
        String group = "progress-" + UUID.randomUUID();
        assertFalse(KafkaCheck.hasProgress(servers, group, KafkaSettings.NONE));
        TopicPartition place = new TopicPartition(TestKafka.newTopic(1), 0);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
            admin.alterConsumerGroupOffsets(group, Map.of(place, new OffsetAndMetadata(0))).all().get();
        }
        assertTrue(KafkaCheck.hasProgress(servers, group, KafkaSettings.NONE));
    }

    private static String refused(String changelog, int partitions) {
        return assertThrows(BadInputException.class, () -> KafkaCheck.changelogs(TestKafka.bootstrapServers(),
                List.of(changelog), partitions, KafkaSettings.NONE)).getMessage();
    }

    @Test
    void transactionLongerThanTheBrokersAllowIsRefused() throws Exception {
        String servers = TestKafka.bootstrapServers();
        KafkaCheck.transactionTimeout(servers, KafkaSettings.NONE.withProducer("transaction.timeout.ms", "900000"));
        String refused = assertThrows(BadInputException.class, () -> KafkaCheck.transactionTimeout(servers,
                KafkaSettings.NONE.withProducer("transaction.timeout.ms", "900001"))).getMessage();
        assertTrue(refused.startsWith("--exactly-once: transaction.timeout.ms is 900001, ") && refused.contains(
                "the brokers allow 900000 (transaction.max.timeout.ms)"), refused);
    }

    @Test
    void topicWithASingleReplicaIsFound() throws Exception {
        String topic = TestKafka.newTopic(2);
        assertEquals(List.of(topic), KafkaCheck.withSingleReplicas(TestKafka.bootstrapServers(), List.of(topic),
                KafkaSettings.NONE));
    }
}
