package io.github.wasmton.internal.cli.dlq;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.Header;

import io.github.wasmton.internal.cli.ExitCode;
import io.github.wasmton.internal.cli.Arguments;
import io.github.wasmton.internal.cli.BadInputException;
import io.github.wasmton.internal.cli.Configuration;
import io.github.wasmton.internal.cli.KafkaCheck;
import io.github.wasmton.internal.kafka.DeadLetter;
import io.github.wasmton.internal.kafka.KafkaSettings;
import picocli.CommandLine;

/** The commands about dead letters: {@code wasmton dlq list | show | replay}. */
public final class DlqCommand {
    public static final String NAME = "dlq";

    private static final Pattern PLACE = Pattern.compile("([0-9]{1,9})@([0-9]{1,18})");
    private static final int REASON_LIMIT = 120;
    private static final int BYTES_LIMIT = 64 * 1024;
    private static final String USAGE = """
            Usage: wasmton dlq list|show|replay [--config-file FILE | BOOTSTRAP_SERVERS DEAD_LETTER_TOPIC] ...
            list    lists dead letters, a line each
            show    shows one with everything there is to it
            replay  writes them back to the topics that they came from, or to another
            'wasmton dlq list --help' and so on say more.""";

    private final PrintStream out;
    private final PrintStream err;
    private final Map<String, String> environment;
    private final BooleanSupplier stopped;

    /** Ends early, and cleanly, once {@code stopped} says so. */
    public DlqCommand(PrintStream out, PrintStream err, Map<String, String> environment, BooleanSupplier stopped) {
        this.out = out;
        this.err = err;
        this.environment = environment;
        this.stopped = stopped;
    }

    /** What one of the commands does; answers the exit code. */
    private interface Action<T extends DlqArguments> {
        int run(T arguments, KafkaSettings kafka) throws BadInputException;
    }

    /** Returns the program's exit code. */
    public int run(List<String> args) {
        List<String> rest = args.isEmpty() ? List.of() : args.subList(1, args.size());
        switch (args.isEmpty() ? "" : args.get(0)) {
            case "list":
                return run(DlqArguments.ListThem::new, rest, this::list);
            case "show":
                return run(DlqArguments.Show::new, rest, this::show);
            case "replay":
                return run(DlqArguments.Replay::new, rest, this::replay);
            case "--help", "-h":
                out.println(USAGE);
                return ExitCode.OK;
            default:
                err.println(USAGE);
                return ExitCode.BAD_INPUT;
        }
    }

    private <T extends DlqArguments> int run(Supplier<T> maker, List<String> args, Action<T> action) {
        Configuration configuration;
        try {
            // What is there for the processor is for these commands too, as far as it concerns them.
            configuration = new Configuration(() -> new CommandLine(maker.get()),
                    Arguments.commandLine(new Arguments()), args, environment);
        } catch (BadInputException e) {
            err.println(e.getMessage());
            return ExitCode.BAD_INPUT;
        }
        if (configuration.helpRequested()) {
            if (configuration.commandLine().isUsageHelpRequested()) {
                configuration.commandLine().usage(out);
            } else {
                configuration.commandLine().printVersionHelp(out);
            }
            return ExitCode.OK;
        }
        T arguments = configuration.commandLine().getCommand();
        try {
            KafkaSettings kafka = arguments.kafka.settings();
            KafkaCheck.partitions(arguments.bootstrapServers, arguments.topic, List.of(), kafka);
            return action.run(arguments, kafka);
        } catch (BadInputException e) {
            err.println(configuration.secrets().mask(e.getMessage()));
            return ExitCode.BAD_INPUT;
        } catch (KafkaException e) {
            String cause = e.getCause() == null ? "" : ": " + KafkaCheck.innermost(e);
            err.println(configuration.secrets().mask("Kafka: " + e.getMessage() + cause));
            return ExitCode.FAILED;
        }
    }

    /** The group that keeps how far replays have come. */
    private static String group(String topic, String to) {
        return "wasmton-replay-" + topic + (to == null ? "" : "-to-" + to);
    }

    private DeadLetterReader reader(DlqArguments arguments, String to, KafkaSettings kafka) {
        return new DeadLetterReader(arguments.bootstrapServers, arguments.topic, group(arguments.topic, to), kafka);
    }

    // ---- list ----

    private int list(DlqArguments.ListThem arguments, KafkaSettings kafka) {
        long letters = 0;
        long listed = 0;
        long replayed = 0;
        try (DeadLetterReader reader = reader(arguments, null, kafka)) {
            for (var records = reader.next(); records.iterator().hasNext(); records = reader.next()) {
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    DeadLetter letter = DeadLetter.read(record);
                    if (reader.isTooNew(record) || !isOf(arguments.kinds, letter)) {
                        continue;
                    }
                    letters++;
                    replayed += reader.isReplayed(record) ? 1 : 0;
                    if (listed < arguments.limit) {
                        listed++;
                        out.println(line(record, letter) + (reader.isReplayed(record) ? " (replayed)" : ""));
                    }
                }
                if (stopped.getAsBoolean()) {
                    break;
                }
            }
        }
        out.println(letters + " dead letters, " + replayed + " of them replayed"
                + (listed < letters ? "; " + listed + " listed (--limit)" : ""));
        return ExitCode.OK;
    }

    static boolean isOf(List<String> kinds, DeadLetter letter) {
        return kinds.isEmpty() || letter != null && kinds.contains(letter.kind());
    }

    static String place(ConsumerRecord<byte[], byte[]> record) {
        return record.partition() + "@" + record.offset();
    }

    private static String line(ConsumerRecord<byte[], byte[]> record, DeadLetter letter) {
        if (letter == null) {
            return place(record) + " is not a dead letter of Wasmton's";
        }
        String reason = letter.reason().replaceAll("\\s+", " ");
        return String.format("%s %s %s %s-%d@%d %d %s", place(record), letter.time(), letter.kind(), letter.topic(),
                letter.partition(), letter.offset(), letter.attempts(),
                reason.length() <= REASON_LIMIT ? reason : reason.substring(0, REASON_LIMIT - 1) + '…');
    }

    // ---- show ----

    private int show(DlqArguments.Show arguments, KafkaSettings kafka) throws BadInputException {
        Matcher place = PLACE.matcher(arguments.place);
        if (!place.matches()) {
            throw new BadInputException("'" + arguments.place + "' is not PARTITION@OFFSET, such as 0@17.", null);
        }
        long offset = Long.parseLong(place.group(2));
        try (DeadLetterReader reader = reader(arguments, null, kafka)) {
            reader.seek(Integer.parseInt(place.group(1)), offset);
            for (ConsumerRecord<byte[], byte[]> record : reader.next()) {
                if (record.offset() == offset) {
                    show(record);
                    return ExitCode.OK;
                }
            }
        }
        err.println("There is no record at " + arguments.place + " in " + arguments.topic + '.');
        return ExitCode.BAD_INPUT;
    }

    private void show(ConsumerRecord<byte[], byte[]> record) {
        DeadLetter letter = DeadLetter.read(record);
        if (letter == null) {
            out.println("not a dead letter of Wasmton's");
        } else {
            out.printf("task       %s-%d@%d%n", letter.topic(), letter.partition(), letter.offset());
            out.printf("timestamp  %s%n", letter.timestamp() < 0 ? "none" : Instant.ofEpochMilli(letter.timestamp()));
            out.printf("failed     %s, after %d attempts%n", letter.time(), letter.attempts());
            out.printf("kind       %s%n", letter.kind());
            out.printf("reason     %s%n", letter.reason());
            out.printf("guest      sha256 %s%n", letter.sha256());
            letter.backtrace().lines().forEach(frame -> out.println("    " + frame.strip()));
        }
        for (Header header : record.headers()) {
            if (!header.key().startsWith(DeadLetter.PREFIX)) {
                out.printf("header     %s: %s%n", header.key(), text(header.value()));
            }
        }
        out.printf("key        %s%n", text(record.key()));
        out.printf("value      %s%n", text(record.value()));
    }

    /** As text where it is text, else in hexadecimal; the beginning of what is long. */
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
        return text.length() <= BYTES_LIMIT ? text : text.substring(0, BYTES_LIMIT) + "… (" + bytes.length + " bytes)";
    }

    // ---- replay ----

    private int replay(DlqArguments.Replay arguments, KafkaSettings kafka) throws BadInputException {
        for (String place : arguments.only) {
            if (!PLACE.matcher(place).matches()) {
                throw new BadInputException("--only: '" + place + "' is not PARTITION@OFFSET, such as 0@17.", null);
            }
        }
        if (arguments.topic.equals(arguments.to)) {
            throw new BadInputException("--to is the dead-letter topic itself.", null);
        }
        try (DeadLetterReader reader = reader(arguments, arguments.to, kafka);
             Replay replay = new Replay(arguments, kafka, out)) {
            if (!arguments.all && arguments.everything()) {
                reader.skipReplayed();
            }
            String failure = replay.run(reader, stopped);
            if (failure != null) {
                err.println(failure);
                return ExitCode.FAILED;
            }
            return ExitCode.OK;
        }
    }
}
