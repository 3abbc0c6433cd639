package io.github.wasmton.internal.cli;

import java.util.Map;

/** Options by the names of the settings in messages of the library. */
final class SettingFlags {
    static final Map<String, String> ALL = Map.of(
            "NetworkAccess.connect", "--allow-net",
            "NetworkAccess.listen", "--allow-listen",
            "NetworkAccess.caFile", "--ca-file",
            "OutputAccess.topics", "--output-topic",
            "GuestLimits.memory", "--max-memory",
            "GuestLimits.tableElements", "--max-table-elements",
            "GuestLimits.files", "--max-files",
            "FailureOptions.deadLetterTopic", "--dead-letter-topic",
            "FailureOptions.threshold", "--failure-threshold");

    private SettingFlags() {
    }
}
