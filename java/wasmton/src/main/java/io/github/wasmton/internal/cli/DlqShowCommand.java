package io.github.wasmton.internal.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

import io.github.wasmton.internal.kafka.DeadLetter;
import io.github.wasmton.internal.kafka.KafkaSettings;
import io.github.wasmton.internal.text.Printable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows one dead letter. */
@Command(name = "show", mixinStandardHelpOptions = true, versionProvider = Root.Version.class,
        description = "Show one dead letter: the failure, the guest's frames, headers, key and value.",
        customSynopsis = {
            "wasmton dlq show [OPTIONS] [BOOTSTRAP_SERVERS DEAD_LETTER_TOPIC]",
            "    " + RecordPosition.LABEL},
        exitCodeList = {
            "0:success",
            "1:Kafka does not answer",
            "2:invalid input; the message says what is needed"})
final class DlqShowCommand extends DlqArguments implements HelpText.Examples {
    private static final int BYTES_LIMIT = 64 * 1024;

    @Parameters(index = "2", paramLabel = RecordPosition.LABEL, converter = RecordPosition.Written.class,
            description = "Position of the dead letter, as 'wasmton dlq list' shows it.")
    RecordPosition position;

    @Option(names = "--raw", description = "Write the bytes of the record's value alone, as they are.")
    boolean raw;

    @Mixin
    Connection connection = new Connection();

    @Override
    Connection connection() {
        return connection;
    }

    @Override
    public List<String> examples() {
        return List.of("wasmton dlq show localhost:9092 orders-dead 0@17",
                "wasmton dlq show --config-file orders.properties 0@17",
                "wasmton dlq show --raw localhost:9092 orders-dead 0@17 > order.json");
    }

    @Override
    int run(Session session, KafkaSettings kafka) throws BadInputException {
        try (DeadLetterReader reader = reader(null, null, kafka)) {
            reader.seek(position.partition(), position.offset());
            for (ConsumerRecord<byte[], byte[]> record : reader.next()) {
                if (record.offset() == position.offset()) {
                    if (raw) {
                        write(session, record.value());
                    } else {
                        show(session, record);
                    }
                    return ExitCode.OK;
                }
            }
        }
        throw new BadInputException("There is no record at " + position + " in " + topic + '.', null);
    }

    private static void write(Session session, byte[] value) throws BadInputException {
        if (value == null) {
            throw new BadInputException("The record has no value: it is a tombstone.", null);
        }
        session.out().write(value, 0, value.length);
        session.out().flush();
    }

    static void show(Session session, ConsumerRecord<byte[], byte[]> record) {
        DeadLetter letter = DeadLetter.read(record);
        if (letter == null) {
            print(session, "not a dead letter of Wasmton's");
        } else {
            print(session, "task       %s-%d@%d", letter.topic(), letter.partition(), letter.offset());
            print(session, "timestamp  %s", letter.timestamp() < 0 ? "none" : Instant.ofEpochMilli(letter.timestamp()));
            print(session, "failed     %s, after %d attempts", letter.time(), letter.attempts());
            print(session, "kind       %s", letter.kind());
            print(session, "reason     %s", letter.reason());
            print(session, "guest      sha256 %s", letter.sha256());
            letter.backtrace().lines().forEach(frame -> print(session, "    %s", frame.strip()));
        }
        for (Header header : record.headers()) {
            if (!header.key().startsWith(DeadLetter.PREFIX)) {
                print(session, "header     %s: %s", header.key(), text(header.value()));
            }
        }
        session.out().println("key        " + text(record.key()));
        session.out().println("value      " + text(record.value()));
    }

    /** Returns bytes as text if they are text, else in hexadecimal; control characters are escaped, long values cut. */
    private static String text(byte[] bytes) {
        if (bytes == null) {
            return "null";
        }
        String text;
        try {
            text = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            text = "0x" + HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, BYTES_LIMIT));
        }
        return text.length() <= BYTES_LIMIT ? Printable.line(text, BYTES_LIMIT)
                : Printable.line(text.substring(0, BYTES_LIMIT), BYTES_LIMIT) + "… (" + bytes.length + " bytes)";
    }
}
