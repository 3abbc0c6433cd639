package io.github.wasmton.guest;

import java.util.stream.Stream;

import io.github.wasmton.wasmtime.internal.WasiDescription;

/**
 * The settings of a guest as they cross into Rust. settings.rs reads each component by its name, so a new setting is
 * one component here and one line there.
 *
 * @param wasi            its arguments, environment, directories, streams and network
 * @param outputTopics    topics of {@link OutputAccess}
 * @param maxRecordBytes  bytes of one record that it produces
 * @param maxTaskBytes    bytes of all records that one task produces
 * @param stateStores     names of {@link StateAccess}
 * @param stateTables     names of {@link StateAccess}
 * @param stateOperations calls of one task into its stores
 * @param stateBytes      bytes that one task exchanges with its stores
 * @param configuration   names and values in turn
 * @param logLevel        number of the lowest level whose lines go anywhere; see {@link GuestLog}
 * @param deadline        milliseconds for a task
 * @param startDeadline   milliseconds for the start of an instance
 * @param memory          limit of {@link GuestLimits}
 * @param tableElements   limit of {@link GuestLimits}
 * @param instances       limit of {@link GuestLimits}
 * @param tables          limit of {@link GuestLimits}
 * @param memories        limit of {@link GuestLimits}
 * @param files           limit of {@link GuestLimits}
 * @param stack           limit of {@link GuestLimits}
 * @param hostMemory      limit of {@link GuestLimits}
 * @param fileSize        limit of {@link GuestLimits}
 * @param written         limit of {@link GuestLimits}
 */
record GuestDescription(WasiDescription wasi, String[] outputTopics,
        long maxRecordBytes, long maxTaskBytes, String[] stateStores, String[] stateTables, long stateOperations,
        long stateBytes, String[] configuration, long logLevel, long deadline, long startDeadline, long memory,
        long tableElements, long instances, long tables, long memories, long files, long stack, long hostMemory,
        long fileSize, long written) {
    /** Flattens the options. */
    static GuestDescription of(GuestOptions options) {
        OutputAccess outputs = options.outputs();
        StateAccess state = options.state();
        GuestLimits limits = options.limits();
        GuestLogging logging = options.logging();
        Stream<String> configuration = options.configuration().entrySet().stream()
                .flatMap(setting -> Stream.of(setting.getKey(), setting.getValue()));
        return new GuestDescription(WasiDescription.of(options.wasi()).logging(logging.stdout(), logging.stderr()),
                outputs.topics().toArray(String[]::new),
                outputs.maxRecordBytes(), outputs.maxTaskBytes(), state.stores().toArray(String[]::new),
                state.tables().toArray(String[]::new), state.taskOperations(), state.taskBytes(),
                configuration.toArray(String[]::new), GuestLog.lowestLevel(), options.deadline().toMillis(),
                options.startDeadline().toMillis(),
                limits.memory(), limits.tableElements(), limits.instances(), limits.tables(), limits.memories(),
                limits.files(), limits.stack(), limits.hostMemory(), limits.fileSize(), limits.written());
    }
}
