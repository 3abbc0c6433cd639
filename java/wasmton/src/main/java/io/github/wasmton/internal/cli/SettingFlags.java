package io.github.wasmton.internal.cli;

import java.util.Map;

/** Options by the names of the settings in messages of the library. */
final class SettingFlags {
    static final Map<String, String> ALL = Map.ofEntries(
            Map.entry("NetworkAccess.connect", "--allow-net"),
            Map.entry("NetworkAccess.listen", "--allow-listen"),
            Map.entry("NetworkAccess.caFile", "--ca-file"),
            Map.entry("OutputAccess.topics", "--output-topic"),
            Map.entry("StateAccess.stores", "--state"),
            Map.entry("StateAccess.tables", "--table"),
            Map.entry("StateAccess.taskOperations", "--state-task-operations"),
            Map.entry("StateAccess.taskBytes", "--state-task-bytes"),
            Map.entry("GuestLimits.memory", "--max-memory"),
            Map.entry("GuestLimits.tableElements", "--max-table-elements"),
            Map.entry("GuestLimits.files", "--max-files"),
            Map.entry("GuestLimits.stack", "--max-stack"),
            Map.entry("GuestLimits.hostMemory", "--max-host-memory"),
            Map.entry("GuestLimits.fileSize", "--max-file-size"),
            Map.entry("GuestLimits.written", "--max-written"),
            Map.entry("GuestModule.maxTotalMemory", "--max-total-memory"),
            Map.entry("FailureOptions.deadLetterTopic", "--dead-letter-topic"),
            Map.entry("FailureOptions.threshold", "--failure-threshold"));

    private SettingFlags() {
    }
}
