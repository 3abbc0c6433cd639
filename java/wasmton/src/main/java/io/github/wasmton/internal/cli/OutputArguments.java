package io.github.wasmton.internal.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import io.github.wasmton.guest.OutputAccess;
import picocli.CommandLine.Option;

/** The options about what a guest produces. */
final class OutputArguments {
    @Option(names = "--output-topic", paramLabel = "TOPIC",
            description = "Lets a guest of the world decaton:processor produce to that topic, which must exist; "
                    + "repeatable. Default: to none.")
    List<String> topics = new ArrayList<>();

    @Option(names = "--output-record-bytes", paramLabel = "BYTES",
            description = "Most bytes that key, value and headers of a record which the guest produces may have "
                    + "together. Default: ${DEFAULT-VALUE}. For more, the topic's max.message.bytes must allow it.")
    int recordBytes = OutputAccess.DEFAULT_MAX_RECORD_BYTES;

    @Option(names = "--output-task-bytes", paramLabel = "BYTES",
            description = "Most bytes that the guest may produce in one task, which are held until it is over. "
                    + "Default: ${DEFAULT-VALUE}.")
    int taskBytes = OutputAccess.DEFAULT_MAX_TASK_BYTES;

    /** What the guest is granted. */
    OutputAccess access() throws BadInputException {
        try {
            return new OutputAccess(Set.copyOf(topics), recordBytes, taskBytes);
        } catch (IllegalArgumentException e) {
            throw new BadInputException("--output-record-bytes, --output-task-bytes: " + e.getMessage() + '.', e);
        }
    }
}
