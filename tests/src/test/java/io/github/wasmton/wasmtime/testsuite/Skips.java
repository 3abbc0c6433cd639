package io.github.wasmton.wasmtime.testsuite;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What of the test suite cannot pass, and why. Of the commands that an entry is for one has to fail at least: else the
 * entry is to go.
 */
final class Skips {
    static final String GC_VALUE = "Java has no values of wasm's structs, arrays and i31s";
    private static final String OVERTAKEN = "a later version of WebAssembly allows it";

    /** A command that says itself that it cannot pass. */
    static final class Skipped extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Skipped(String reason) {
            super(reason);
        }
    }

    /** Groups that are left out as a whole. */
    private static final Map<String, String> GROUPS = Map.of("custom-descriptors", "wasmtime 48 does not have them");

    /** For a file, the messages that it expects, or lines of it. */
    private static final Map<String, String> COMMANDS = Map.ofEntries(
            Map.entry("function-references/binary: zero byte expected", OVERTAKEN),
            Map.entry("memory64/binary: zero byte expected", OVERTAKEN),
            Map.entry("memory64/memory: multiple memories", OVERTAKEN),
            Map.entry("memory64/memory64: multiple memories", OVERTAKEN),
            Map.entry("multi-value/binary: zero flag expected", OVERTAKEN),
            Map.entry("mutable-global/linking: elements segment does not fit", OVERTAKEN),
            Map.entry("mutable-global/linking: data segment does not fit", OVERTAKEN),
            Map.entry("reference-types/binary: integer representation too long", OVERTAKEN),
            Map.entry("reference-types/binary: zero flag expected", OVERTAKEN),
            Map.entry("reference-types/binary-leb128: integer representation too long", OVERTAKEN),
            Map.entry("reference-types/imports: multiple memories", OVERTAKEN),
            Map.entry("reference-types/unreached-invalid:540", OVERTAKEN),
            Map.entry("threads/imports: multiple memories", OVERTAKEN),
            Map.entry("threads/imports: multiple tables", OVERTAKEN),
            Map.entry("threads/memory: multiple memories", OVERTAKEN));

    private static final Set<String> USED = ConcurrentHashMap.newKeySet();

    private Skips() {}

    /** Why a group is left out; null if it is not. */
    static String ofGroup(String group) {
        return GROUPS.get(group);
    }

    /** Why a command that has failed was bound to; null if it was not. */
    static String ofCommand(String file, int line, String message) {
        for (String entry : List.of(file + ':' + line, file + ": " + message)) {
            if (COMMANDS.containsKey(entry)) {
                USED.add(entry);
                return COMMANDS.get(entry);
            }
        }
        return null;
    }

    /** Entries for which nothing has failed. */
    static List<String> stale() {
        List<String> stale = new ArrayList<>(COMMANDS.keySet());
        stale.removeAll(USED);
        return stale;
    }
}
