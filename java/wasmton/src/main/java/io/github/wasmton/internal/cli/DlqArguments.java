package io.github.wasmton.internal.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

import org.apache.kafka.common.KafkaException;

import io.github.wasmton.internal.kafka.KafkaSettings;
import io.github.wasmton.internal.text.Printable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Base of all commands about dead letters. */
abstract class DlqArguments implements Subcommand {
    private static final String FROM_ELSEWHERE = " May come from the environment or --config-file instead.";

    @Parameters(index = "0", paramLabel = "BOOTSTRAP_SERVERS", converter = Form.Servers.class,
            description = "Kafka's brokers, as host:port,..." + FROM_ELSEWHERE)
    String bootstrapServers;

    @Parameters(index = "1", paramLabel = "DEAD_LETTER_TOPIC",
            description = "Topic with the dead letters." + FROM_ELSEWHERE)
    String topic;

    /** Options for the connection to Kafka. */
    @Command(optionListHeading = "Kafka")
    static final class Connection {
        @Option(names = "--" + OptionNames.CONFIG_FILE, paramLabel = "FILE", converter = Form.File.class,
                description = "File with bootstrap-servers, dead-letter-topic and the settings of Kafka's clients; it "
                        + "may be the processor's. The environment is read too, as for the processor.")
        Path configFile;

        @Mixin
        KafkaArguments clients = new KafkaArguments();
    }

    /** Returns the connection options, a mixin of each command: they come after the command's own. */
    abstract Connection connection();

    /** Runs the command, after Kafka was asked for the topic. */
    abstract int run(Session session, KafkaSettings kafka) throws CommandException;

    @Override
    public final int run(Session session) throws CommandException {
        try {
            KafkaSettings kafka = connection().clients.settings();
            KafkaCheck.partitions(bootstrapServers, topic, List.of(), kafka);
            return run(session, kafka);
        } catch (KafkaException e) {
            String cause = e.getCause() == null ? "" : ": " + KafkaCheck.innermost(e);
            throw new CommandException(ExitCode.FAILED, "Kafka: " + e.getMessage() + cause, e);
        }
    }

    /**
     * Opens the dead-letter topic, with the progress of replays from one topic or from all, and to one topic or to the
     * original ones.
     */
    final DeadLetterReader reader(String from, String to, KafkaSettings kafka) {
        String group = "wasmton-replay-" + topic + (from == null ? "" : "-from-" + from)
                + (to == null ? "" : "-to-" + to);
        return new DeadLetterReader(bootstrapServers, topic, group, kafka);
    }

    /** Prints a line. Its values may be anybody's text. */
    static void print(Session session, String format, Object... values) {
        Object[] escaped = Arrays.stream(values)
                .map(value -> value instanceof String text ? Printable.line(text) : value).toArray();
        session.out().println(String.format(Locale.ROOT, format, escaped));
    }
}
