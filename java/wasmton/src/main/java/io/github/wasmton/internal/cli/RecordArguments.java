package io.github.wasmton.internal.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.author.RecordJson;
import io.github.wasmton.internal.text.FileError;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options that give records without a Kafka. */
@Command(optionListHeading = "Records")
final class RecordArguments {
    private static final Path STDIN = Path.of("-");

    @Option(names = "--value", paramLabel = "TEXT",
            description = "Value of a record; repeatable, a record each.")
    List<String> values = new ArrayList<>();

    @Option(names = "--lines", paramLabel = "FILE|-", converter = Form.File.class,
            description = "File with the value of a record on each line; - is standard input.")
    Path lines;

    @Option(names = "--records", paramLabel = "FILE|-", converter = Form.File.class,
            description = "File with a whole record on each line, as JSON: {\"key\": \"1\", \"value\": {\"id\": 1}, "
                    + "\"headers\": {\"kind\": \"new\"}}. A value is text, JSON or {\"base64\": \"...\"}; null is a "
                    + "tombstone. - is standard input.")
    Path records;

    @Option(names = "--key", paramLabel = "TEXT", description = "Key of the records. Default: none.")
    String key;

    @Option(names = "--header", paramLabel = "NAME=VALUE", converter = HeaderConverter.class,
            description = "Header of the records; repeatable.")
    List<Task.Header> headers = new ArrayList<>();

    @Option(names = "--topic", paramLabel = "TOPIC",
            description = "Topic to show as the records' origin. Default: ${DEFAULT-VALUE}.")
    String topic = "tasks";

    /** Takes the records one after the other. */
    interface Sink {
        void take(Task task) throws CommandException;
    }

    /** Checks that records are given. */
    void check() throws BadInputException {
        if (values.isEmpty() && lines == null && records == null) {
            throw new BadInputException("There is no record to process. Give --value TEXT, --lines FILE or "
                    + "--records FILE; the file - is standard input.", null);
        }
        checkFiles();
    }

    /** Checks that the given files exist. */
    void checkFiles() throws BadInputException {
        check(lines, "--lines");
        check(records, "--records");
    }

    private static void check(Path file, String option) throws BadInputException {
        if (file == null || file.equals(STDIN)) {
            return;
        }
        if (!Files.exists(file)) {
            throw new BadInputException("There is no file " + file + " for " + option + ". Name a file, or - for "
                    + "standard input.", null);
        }
        if (Files.isDirectory(file)) {
            throw new BadInputException(option + ' ' + file + " is a folder. Name a file.", null);
        }
    }

    /** Refuses standard input, for a command that reads it itself. */
    void refuseStandardInput() throws BadInputException {
        if (STDIN.equals(lines) || STDIN.equals(records)) {
            throw new BadInputException("'wasmton dev' reads what you type from standard input, so - cannot be the "
                    + "file of " + (STDIN.equals(lines) ? "--lines" : "--records") + ". Leave it out, or name a file.",
                    null);
        }
    }

    /** Returns the error of files without a record. */
    BadInputException none() {
        return new BadInputException("There is no record in " + (lines == null ? records : lines) + '.', null);
    }

    /** Hands over all records in the order: values, lines, records. Offsets count from 0. */
    void forEach(Sink sink) throws CommandException {
        long offset = 0;
        for (String value : values) {
            sink.take(task(value, offset++));
        }
        if (lines != null) {
            offset = read(lines, "--lines", offset, sink);
        }
        if (records != null) {
            read(records, "--records", offset, sink);
        }
    }

    /** Returns a record with that text as its value. */
    Task task(String value, long offset) {
        return new Task(topic, 0, offset, System.currentTimeMillis(), key == null ? null : key.getBytes(UTF_8),
                value == null ? null : value.getBytes(UTF_8), List.copyOf(headers), 1);
    }

    private long read(Path file, String option, long first, Sink sink) throws CommandException {
        long offset = first;
        int number = 0;
        try (InputStream in = file.equals(STDIN) ? System.in : new BufferedInputStream(Files.newInputStream(file))) {
            for (byte[] bytes = line(in); bytes != null; bytes = line(in)) {
                number++;
                String line = RecordJson.utf8(bytes);
                if (line == null) {
                    throw new IllegalArgumentException("it is not text in UTF-8. Give such a record by --records, with "
                            + "its value as {\"base64\": \"...\"}");
                }
                if (option.equals("--lines")) {
                    sink.take(task(line, offset++));
                } else if (!line.isBlank()) {
                    sink.take(RecordJson.task(line, task(null, offset++)));
                }
            }
            return offset;
        } catch (IllegalArgumentException e) {
            throw new BadInputException(option + ' ' + file + ", line " + number + ": " + e.getMessage() + '.', e);
        } catch (IOException e) {
            throw new BadInputException("Cannot read " + file + " for " + option + ": " + FileError.of(e) + '.', e);
        }
    }

    /** Reads a line without its end; returns {@code null} at the end of the file. */
    private static byte[] line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int next = in.read();
        if (next < 0) {
            return null;
        }
        for (; next >= 0 && next != '\n'; next = in.read()) {
            line.write(next);
        }
        byte[] bytes = line.toByteArray();
        return bytes.length > 0 && bytes[bytes.length - 1] == '\r' ? Arrays.copyOf(bytes, bytes.length - 1) : bytes;
    }

    private static final class HeaderConverter implements ITypeConverter<Task.Header> {
        @Override
        public Task.Header convert(String text) {
            int middle = text.indexOf('=');
            if (middle < 1) {
                throw new TypeConversionException("'" + text + "' is not NAME=VALUE");
            }
            return new Task.Header(text.substring(0, middle), text.substring(middle + 1).getBytes(UTF_8));
        }
    }
}
