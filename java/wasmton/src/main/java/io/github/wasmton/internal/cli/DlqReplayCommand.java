package io.github.wasmton.internal.cli;

import java.util.ArrayList;
import java.util.List;

import io.github.wasmton.internal.kafka.KafkaSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Replays dead letters. */
@Command(name = "replay", mixinStandardHelpOptions = true, versionProvider = Root.Version.class,
        description = {"Write dead letters back to the topic and partition that they came from, with key, value, "
            + "headers and timestamp.",
            "",
            "A replay continues where the last one ended, so repeating the command replays what is new."},
        customSynopsis = "wasmton dlq replay [OPTIONS] [BOOTSTRAP_SERVERS DEAD_LETTER_TOPIC]",
        exitCodeList = {
            "0:success",
            "1:Kafka does not answer, or does not take a record",
            "2:invalid input; the message says what is needed"})
final class DlqReplayCommand extends DlqArguments implements HelpText.Examples {
    @Mixin
    Selection selection = new Selection();

    /** Options that select dead letters and their destination. */
    @Command(optionListHeading = "Selection")
    static final class Selection {
        @Option(names = "--dry-run", description = "Print what would be written where, and write nothing.")
        boolean dryRun;

        @Option(names = "--to", paramLabel = "TOPIC",
                description = "Write to this topic instead, by key. Its progress is kept separately.")
        String to;

        @Option(names = "--from-topic", paramLabel = "TOPIC",
                description = "Replay only dead letters of tasks from this topic, where several processors share a "
                        + "dead-letter topic. Its progress is kept separately.")
        String from;

        @Option(names = "--all", description = "Start with the oldest, including those replayed before.")
        boolean all;

        @Option(names = "--kind", paramLabel = "KIND",
                description = "Replay only this kind of failure; repeatable. Like --only, this starts with the oldest "
                        + "each time and does not change where a full replay continues.")
        List<String> kinds = new ArrayList<>();

        @Option(names = "--only", paramLabel = RecordPosition.LABEL, converter = RecordPosition.Written.class,
                description = "Replay only this dead letter; repeatable.")
        List<RecordPosition> only = new ArrayList<>();

        /** Returns whether all dead letters are selected. */
        boolean everything() {
            return kinds.isEmpty() && only.isEmpty();
        }
    }

    @Mixin
    Connection connection = new Connection();

    @Override
    Connection connection() {
        return connection;
    }

    @Override
    public List<String> examples() {
        return List.of("wasmton dlq replay --dry-run localhost:9092 orders-dead",
                "wasmton dlq replay --config-file orders.properties --kind deadline",
                "wasmton dlq replay --to orders-again localhost:9092 orders-dead");
    }

    @Override
    int run(Session session, KafkaSettings kafka) throws CommandException {
        if (topic.equals(selection.to)) {
            throw new BadInputException("--to is the dead-letter topic itself.", null);
        }
        try (DeadLetterReader reader = reader(selection.from, selection.to, kafka);
             Replay replay = new Replay(bootstrapServers, selection, kafka, session.out())) {
            if (!selection.all && selection.everything()) {
                reader.skipReplayed();
            }
            String failure = replay.run(reader, session.stop()::isDone);
            if (failure != null) {
                throw new CommandException(ExitCode.FAILED, failure, null);
            }
            return ExitCode.OK;
        }
    }
}
