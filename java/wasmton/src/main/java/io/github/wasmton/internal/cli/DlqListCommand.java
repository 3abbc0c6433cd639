package io.github.wasmton.internal.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import org.apache.kafka.clients.consumer.ConsumerRecord;

import io.github.wasmton.internal.kafka.DeadLetter;
import io.github.wasmton.internal.kafka.KafkaSettings;
import io.github.wasmton.internal.text.Printable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists dead letters. */
@Command(name = "list", mixinStandardHelpOptions = true, versionProvider = Root.Version.class,
        description = "List dead letters, one per line: position, time, kind of failure, origin, attempts, reason.",
        customSynopsis = "wasmton dlq list [OPTIONS] [BOOTSTRAP_SERVERS DEAD_LETTER_TOPIC]",
        exitCodeList = {
            "0:success",
            "1:Kafka does not answer",
            "2:invalid input; the message says what is needed"})
final class DlqListCommand extends DlqArguments implements HelpText.Examples {
    private static final int REASON_LIMIT = 120;

    @Mixin
    Selection selection = new Selection();

    @Command(optionListHeading = "Selection")
    static final class Selection {
        @Option(names = "--kind", paramLabel = "KIND",
                description = "List only this kind of failure, such as trap; repeatable.")
        List<String> kinds = new ArrayList<>();

        @Option(names = "--limit", paramLabel = "N",
                description = "Maximum number of lines. Default: ${DEFAULT-VALUE}.")
        int limit = 1000;
    }

    @Mixin
    Connection connection = new Connection();

    @Override
    Connection connection() {
        return connection;
    }

    @Override
    public List<String> examples() {
        return List.of("wasmton dlq list localhost:9092 orders-dead",
                "wasmton dlq list --config-file orders.properties --kind trap",
                "wasmton dlq list --limit 20 localhost:9092 orders-dead");
    }

    @Override
    int run(Session session, KafkaSettings kafka) {
        long letters = 0;
        long listed = 0;
        long replayed = 0;
        try (DeadLetterReader reader = reader(null, null, kafka)) {
            for (var records = reader.next(); records.iterator().hasNext(); records = reader.next()) {
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    DeadLetter letter = DeadLetter.read(record);
                    if (reader.isTooNew(record) || !isOf(selection.kinds, letter)) {
                        continue;
                    }
                    letters++;
                    replayed += reader.isReplayed(record) ? 1 : 0;
                    if (listed < selection.limit) {
                        listed++;
                        session.out().println(line(record, letter) + (reader.isReplayed(record) ? " (replayed)" : ""));
                    }
                }
                if (session.stop().isDone()) {
                    break;
                }
            }
        }
        session.out().println(letters + " dead letters, " + replayed + " of them replayed"
                + (listed < letters ? "; " + listed + " listed (--limit)" : ""));
        return ExitCode.OK;
    }

    /** Returns whether the failure is of one of these kinds, or no kinds are given. */
    static boolean isOf(List<String> kinds, DeadLetter letter) {
        return kinds.isEmpty() || letter != null && kinds.contains(letter.kind());
    }

    /** Returns the line about a record, which anybody may have written, with any text. */
    static String line(ConsumerRecord<byte[], byte[]> record, DeadLetter letter) {
        RecordPosition position = RecordPosition.of(record);
        if (letter == null) {
            return position + " is not a dead letter of Wasmton's";
        }
        String reason = letter.reason().replaceAll("\\s+", " ");
        String shown = reason.length() <= REASON_LIMIT ? reason : reason.substring(0, REASON_LIMIT - 1) + '…';
        return Printable.line(String.format(Locale.ROOT, "%s %s %s %s-%d@%d %d %s", position, letter.time(),
                letter.kind(), letter.topic(), letter.partition(), letter.offset(), letter.attempts(), shown));
    }
}
