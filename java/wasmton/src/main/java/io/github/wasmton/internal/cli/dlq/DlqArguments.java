package io.github.wasmton.internal.cli.dlq;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import io.github.wasmton.internal.cli.Arguments;
import io.github.wasmton.internal.cli.KafkaArguments;
import io.github.wasmton.internal.cli.OptionNames;

/** What the commands about dead letters take, as picocli fills it in. */
abstract class DlqArguments {
    @Parameters(index = "0", paramLabel = "BOOTSTRAP_SERVERS", description = "Kafka's host:port,...")
    String bootstrapServers;

    @Parameters(index = "1", paramLabel = "DEAD_LETTER_TOPIC", description = "The topic with the dead letters.")
    String topic;

    @Option(names = "--" + OptionNames.CONFIG_FILE, paramLabel = "FILE",
            description = "Takes bootstrap-servers, dead-letter-topic and the settings of Kafka's clients from that "
                    + "file, which may be the processor's; from the environment likewise (WASMTON_CONFIG_FILE too).")
    Path configFile;

    @Mixin
    KafkaArguments kafka = new KafkaArguments();

    @Command(name = "wasmton dlq list", mixinStandardHelpOptions = true, versionProvider = Arguments.Version.class,
            description = "Lists dead letters, a line each: place, time, kind of failure, where the task came from, "
                    + "attempts, reason.")
    static final class ListThem extends DlqArguments {
        @Option(names = "--kind", paramLabel = "KIND",
                description = "Only those with that kind of failure, such as trap; repeatable.")
        List<String> kinds = new ArrayList<>();

        @Option(names = "--limit", paramLabel = "N", description = "No more than so many. Default: 1000.")
        int limit = 1000;
    }

    @Command(name = "wasmton dlq show", mixinStandardHelpOptions = true, versionProvider = Arguments.Version.class,
            description = "Shows one dead letter with everything there is to it.")
    static final class Show extends DlqArguments {
        @Parameters(index = "2", paramLabel = "PARTITION@OFFSET", description = "Which one, as list names it.")
        String place;
    }

    @Command(name = "wasmton dlq replay", mixinStandardHelpOptions = true, versionProvider = Arguments.Version.class,
            description = "Writes dead letters back to the topic and partition that they came from: key, value, "
                    + "headers and timestamp as they were. It goes on where the last replay ended, so that calling it "
                    + "again replays what is new.")
    static final class Replay extends DlqArguments {
        @Option(names = "--to", paramLabel = "TOPIC",
                description = "Writes them to another topic, by their keys. That is a replay of its own: how far it "
                        + "has come is kept apart.")
        String to;

        @Option(names = "--dry-run", description = "Says what would be written where, and writes nothing.")
        boolean dryRun;

        @Option(names = "--all", description = "Begins with the oldest, also those that were replayed before.")
        boolean all;

        @Option(names = "--kind", paramLabel = "KIND",
                description = "Only those with that kind of failure; repeatable. Like --only, such a choice begins "
                        + "with the oldest each time, and does not change where a replay without it goes on.")
        List<String> kinds = new ArrayList<>();

        @Option(names = "--only", paramLabel = "PARTITION@OFFSET", description = "Only that one; repeatable.")
        List<String> only = new ArrayList<>();

        /** Whether every record is meant. */
        boolean everything() {
            return kinds.isEmpty() && only.isEmpty();
        }
    }
}
