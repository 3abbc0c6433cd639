package io.github.wasmton.internal.cli;

import java.time.Duration;
import java.util.Collection;
import java.util.Set;

import io.github.wasmton.guest.GuestLimits;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.OutputAccess;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Options that limit the guest's use of resources. */
@Command(optionListHeading = "Limits")
final class LimitArguments {
    @Option(names = "--deadline", paramLabel = "TIME", converter = Form.Time.class,
            description = "Time that one attempt of a task may take: 500ms, 10s, 2m, or ISO 8601. "
                    + "Default: ${DEFAULT-VALUE}.")
    Duration deadline = GuestOptions.DEFAULT.deadline();

    @Option(names = "--start-deadline", paramLabel = "TIME", converter = Form.Time.class,
            description = "Time that the start of an instance may take. Default: ${DEFAULT-VALUE}.")
    Duration startDeadline = GuestOptions.DEFAULT.startDeadline();

    @Option(names = "--max-memory", paramLabel = "SIZE", converter = Form.Size.class,
            description = "Maximum linear memory of one instance: bytes, or 512KiB, 64MiB, 1GiB. "
                    + "Default: ${DEFAULT-VALUE}.")
    long maxMemory = GuestLimits.DEFAULT.memory();

    @Option(names = "--max-table-elements", paramLabel = "N",
            description = "Maximum number of elements in the tables of one instance. Default: ${DEFAULT-VALUE}.")
    long maxTableElements = GuestLimits.DEFAULT.tableElements();

    @Option(names = "--max-files", paramLabel = "N",
            description = "Maximum number of files and directories that one instance has open at the same time. "
                    + "Default: ${DEFAULT-VALUE}.")
    int maxFiles = GuestLimits.DEFAULT.files();

    @Option(names = "--max-stack", paramLabel = "SIZE", converter = Form.Size.class,
            description = "Maximum stack of one instance; a guest that recurses further traps. "
                    + "Default: ${DEFAULT-VALUE}.")
    long maxStack = GuestLimits.DEFAULT.stack();

    @Option(names = "--max-host-memory", paramLabel = "SIZE", converter = Form.Size.class,
            description = "Maximum memory that the host holds for one instance: headers, requests, bodies, handles, "
                    + "lines for the log, produced records. Default: ${DEFAULT-VALUE}.")
    long maxHostMemory = GuestLimits.DEFAULT.hostMemory();

    @Option(names = "--max-total-memory", paramLabel = "SIZE", converter = Form.Size.class,
            description = "Maximum memory of all instances together, linear and of the host. A new instance waits for "
                    + "its share. Default: no limit.")
    Long maxTotalMemory;

    @Option(names = "--max-file-size", paramLabel = "SIZE", converter = Form.Size.class,
            description = "Maximum size of each file that the guest writes in a directory of --dir. Default: no limit.")
    Long maxFileSize;

    @Option(names = "--max-written", paramLabel = "SIZE", converter = Form.Size.class,
            description = "Maximum number of bytes that all instances together write to files until Wasmton ends. A "
                    + "new file, directory or link counts as 4KiB; deleting gives nothing back. Default: no limit.")
    Long maxWritten;

    @Option(names = "--output-record-bytes", paramLabel = "SIZE", converter = Form.Size.class,
            description = "Maximum size of a record that the guest produces: key, value and headers together. For more "
                    + "than the default the topic's max.message.bytes must allow it. Default: ${DEFAULT-VALUE}.")
    long outputRecordBytes = OutputAccess.DEFAULT_MAX_RECORD_BYTES;

    @Option(names = "--output-task-bytes", paramLabel = "SIZE", converter = Form.Size.class,
            description = "Maximum size of all records that the guest produces in one task, which stay in memory until "
                    + "the task ends. Default: ${DEFAULT-VALUE}.")
    long outputTaskBytes = OutputAccess.DEFAULT_MAX_TASK_BYTES;

    /** Returns the options with these limits. */
    GuestOptions apply(GuestOptions options) {
        GuestModule.maxTotalMemory(maxTotalMemory == null ? Long.MAX_VALUE : maxTotalMemory);
        return options.withDeadline(deadline).withStartDeadline(startDeadline)
                .withLimits(GuestLimits.DEFAULT.withMemory(maxMemory).withTableElements(maxTableElements)
                        .withFiles(maxFiles).withStack(maxStack).withHostMemory(maxHostMemory)
                        .withFileSize(maxFileSize == null ? GuestLimits.UNLIMITED : maxFileSize)
                        .withWritten(maxWritten == null ? GuestLimits.UNLIMITED : maxWritten));
    }

    /** Returns the grant of these topics, within these limits. */
    OutputAccess outputs(Collection<String> topics) throws BadInputException {
        try {
            return new OutputAccess(Set.copyOf(topics), bytes("--output-record-bytes", outputRecordBytes),
                    bytes("--output-task-bytes", outputTaskBytes));
        } catch (IllegalArgumentException e) {
            throw new BadInputException("--output-record-bytes, --output-task-bytes: " + e.getMessage() + '.', e);
        }
    }

    private static int bytes(String option, long bytes) throws BadInputException {
        if (bytes > Integer.MAX_VALUE) {
            throw new BadInputException(option + " must be less than 2GiB.", null);
        }
        return (int) bytes;
    }
}
