package io.github.wasmton.internal.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.StateAccess;
import io.github.wasmton.internal.engine.StateConfig;
import io.github.wasmton.internal.text.Quantity;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Options that give the guest stores of state. */
@Command(optionListHeading = "State")
final class StateArguments {
    private static final String NAME = "[A-Za-z0-9._-]{1,100}";
    private static final String TTL = "ttl=";
    private static final String ROCKSDB = "rocksdb";

    @Option(names = "--state", paramLabel = "NAME[:ttl=TIME][:rocksdb]", converter = StoreForm.class,
            description = "Store that the guest may read and write; each partition has its own part; repeatable. "
                    + "':ttl=TIME' removes an entry that long after its last write. ':rocksdb' keeps the store on "
                    + "disk, else it is in memory. The engine streams keeps a copy in a changelog topic. "
                    + "Default: ${DEFAULT-VALUE}.")
    List<StateConfig.Store> stores = new ArrayList<>();

    @Option(names = "--table", paramLabel = "TOPIC",
            description = "Topic whose last value of each key the guest may read, from all partitions; repeatable. "
                    + "Each process holds them in memory. Default: ${DEFAULT-VALUE}.")
    List<String> tables = new ArrayList<>();

    @Option(names = "--state-task-operations", paramLabel = "N",
            description = "Maximum number of calls of one task into its stores. Default: ${DEFAULT-VALUE}.")
    int taskOperations = StateAccess.DEFAULT_TASK_OPERATIONS;

    @Option(names = "--state-task-bytes", paramLabel = "SIZE", converter = Form.Size.class,
            description = "Maximum size of the keys and values that one task sends to its stores and gets from them. "
                    + "Default: ${DEFAULT-VALUE}.")
    long taskBytes = StateAccess.DEFAULT_TASK_BYTES;

    /** Reads and writes a store. */
    static final class StoreForm implements Form<StateConfig.Store> {
        @Override
        public StateConfig.Store parse(String text) {
            String[] parts = text.split(":", -1);
            if (!parts[0].matches(NAME)) {
                throw new IllegalArgumentException("'" + parts[0] + "' is no name of a store: at most 100 letters, "
                        + "digits, dots, hyphens and underscores, because it is in the name of a topic");
            }
            Duration ttl = null;
            boolean rocksDb = false;
            for (int i = 1; i < parts.length; i++) {
                if (parts[i].equals(ROCKSDB)) {
                    rocksDb = true;
                } else if (parts[i].startsWith(TTL)) {
                    ttl = Quantity.parseTime(parts[i].substring(TTL.length()));
                } else {
                    throw new IllegalArgumentException("'" + text + "' is not NAME[:ttl=TIME][:rocksdb], such as "
                            + "counts or seen:ttl=1h");
                }
            }
            return new StateConfig.Store(parts[0], ttl, rocksDb);
        }

        @Override
        public String text(StateConfig.Store store) {
            return store.name() + (store.ttl() == null ? "" : ':' + TTL + Quantity.time(store.ttl()))
                    + (store.rocksDb() ? ':' + ROCKSDB : "");
        }
    }

    /** Returns the stores for the engine. */
    StateConfig config() {
        return new StateConfig(stores, tables);
    }

    /** Returns the topics in which Streams keeps the stores of a group. */
    List<String> changelogs(String group) {
        return stores.stream().map(store -> group + '-' + store.name() + "-changelog").toList();
    }

    /**
     * Returns the grant for the guest.
     *
     * @throws IllegalArgumentException if there is no such grant; the message names the settings
     */
    StateAccess access() {
        return new StateAccess(stores.stream().map(StateConfig.Store::name).toList(), tables, taskOperations,
                taskBytes);
    }

    /** Returns a message with the settings of stores, tables or both: the native library does not tell them apart. */
    String named(String message) {
        return tables.isEmpty() ? message : message.replace("StateAccess.stores grants", stores.isEmpty()
                ? "StateAccess.tables grants" : "StateAccess.stores and StateAccess.tables grant");
    }

    /** Checks what is on the class path, before the guest is loaded. */
    void check() throws BadInputException {
        for (StateConfig.Store store : stores) {
            if (store.rocksDb()) {
                checkRocksDb("--state " + new StoreForm().text(store));
            }
        }
    }

    /** Loads RocksDB's native library: it needs a C++ library that not every machine has. */
    private static void checkRocksDb(String option) throws BadInputException {
        try {
            Class.forName("org.rocksdb.RocksDB").getMethod("loadLibrary").invoke(null);
        } catch (ClassNotFoundException e) {
            throw new BadInputException(option + " needs RocksDB, which is not on the class path. Put "
                    + "org.rocksdb:rocksdbjni on it, or leave ':rocksdb' out.", e);
        } catch (ReflectiveOperationException | LinkageError e) {
            Throwable cause = e;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            throw new BadInputException(option + " needs RocksDB, whose native library does not load here: "
                    + cause.getMessage() + ". On Linux it needs libstdc++ (apt-get install libstdc++6) and a temporary "
                    + "directory without noexec; or leave ':rocksdb' out.", e);
        }
    }

    /** Checks that the guest and the options agree. */
    void check(GuestModule module) throws BadInputException {
        if (module.importsState() && !config().any()) {
            throw new BadInputException(module.path() + " uses stores, and it has none. Give it those that it opens, "
                    + "by --state NAME or --table TOPIC (docs/state.md).", null);
        }
        if (!module.importsState() && config().any()) {
            throw new BadInputException("--state and --table are for guests that use stores, and " + module.path()
                    + " does not: it imports neither the interface state nor a function state_... of protocol 1 "
                    + "(docs/state.md). Leave them out.", null);
        }
    }
}
