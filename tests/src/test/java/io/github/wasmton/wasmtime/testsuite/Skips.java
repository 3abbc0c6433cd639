package io.github.wasmton.wasmtime.testsuite;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The parts of the test suite that cannot pass, with reasons. At least one command of each entry has to fail; otherwise
 * the entry has to go.
 */
final class Skips {
    /** Such a module has to be refused without the later version's features. */
    static final String OVERTAKEN = "a later version of WebAssembly allows it";

    /** A command that reports itself as unable to pass. */
    static final class Skipped extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Skipped(String reason) {
            super(reason);
        }
    }

    /** Groups that are skipped completely. */
    private static final Map<String, String> GROUPS = Map.of("custom-descriptors", "wasmtime 48 does not have them");

    /** The expected messages, or lines, by file. */
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

    /** Returns the reason for skipping a group; null if it is not skipped. */
    static String ofGroup(String group) {
        return GROUPS.get(group);
    }

    /** Returns the reason why a failed command cannot pass; null if it should. */
    static String ofCommand(String file, int line, String message) {
        for (String entry : List.of(file + ':' + line, file + ": " + message)) {
            if (COMMANDS.containsKey(entry)) {
                USED.add(entry);
                return COMMANDS.get(entry);
            }
        }
        return null;
    }

    /** Returns the entries without a failure. */
    static List<String> stale() {
        List<String> stale = new ArrayList<>(COMMANDS.keySet());
        stale.removeAll(USED);
        return stale;
    }
}
