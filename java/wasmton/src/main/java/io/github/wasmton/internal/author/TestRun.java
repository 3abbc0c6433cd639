package io.github.wasmton.internal.author;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.github.wasmton.guest.Guest;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.StateAccess;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.text.GuestLines;
import io.github.wasmton.internal.text.SettingNames;
import io.github.wasmton.wasmtime.WasmtimeException;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

/** Runs cases, each in an instance of its own. */
public final class TestRun {
    /** Step of a fixed clock at each reading. Zero would let a guest that polls the clock wait forever. */
    private static final Duration STEP = Duration.ofNanos(1_000);

    private static final String FIRST = "Write some to a file such as cases/first.json: "
            + "{\"cases\": [{\"name\": \"is done\", \"record\": {\"value\": \"hello\"}}]}";

    /** A grant of a host by its name, and not by an address. */
    private static final Pattern NAME = Pattern.compile("([a-zA-Z0-9._-]*[a-zA-Z][a-zA-Z0-9._-]*)(:[0-9-]+)?");

    private final GuestModule plain;
    private final Loader loader;
    private final GuestLines lines;

    /** Loads the guest with other options. */
    public interface Loader {
        GuestModule load(GuestOptions options);
    }

    /**
     * The result of a case.
     *
     * @param differences from what was expected; empty if the case passed
     * @param attempt     the attempt; {@code null} if there was none
     */
    public record Result(TestCase test, List<String> differences, Attempt attempt, Duration time) {
        /** Returns whether the case passed. */
        public boolean passed() {
            return differences.isEmpty();
        }
    }

    /**
     * Prepares cases of a guest.
     *
     * @param plain the guest with the options of the command
     * @param lines collects the lines of this thread's guests, since before the guest was loaded
     */
    public TestRun(GuestModule plain, Loader loader, GuestLines lines) {
        this.plain = plain;
        this.loader = loader;
        this.lines = lines;
    }

    /**
     * Reads all cases of a file, or of the files {@code *.json} of a folder.
     *
     * @throws IllegalArgumentException if there are none, or a file is invalid
     */
    public static List<TestCase> read(Path place) throws IOException {
        if (!Files.exists(place)) {
            throw new IllegalArgumentException("there is no file or folder " + place + ". " + FIRST);
        }
        List<Path> files = List.of(place);
        if (Files.isDirectory(place)) {
            try (Stream<Path> all = Files.list(place)) {
                files = all.filter(file -> file.toString().endsWith(".json")).sorted().toList();
            }
        }
        List<TestCase> cases = new ArrayList<>();
        for (Path file : files) {
            try {
                cases.addAll(TestCase.read(file, Files.readString(file)));
            } catch (NoSuchFileException e) {
                continue;  // deleted since it was listed
            } catch (CharacterCodingException e) {
                throw new IllegalArgumentException(file + " is not text in UTF-8", e);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
            }
        }
        if (cases.isEmpty()) {
            throw new IllegalArgumentException("there are no cases in " + place + ". " + FIRST);
        }
        return cases;
    }

    /**
     * Checks that the stores of cases are there, and that the guest takes batches where cases have them.
     *
     * @return the stores that cases have and that the options of the command do not grant
     * @throws IllegalArgumentException if the guest takes no batches or has no such store, and a case needs it
     */
    public Set<String> check(List<TestCase> cases) {
        Set<String> granted = new TreeSet<>(plain.options().state().names());
        Set<String> others = new TreeSet<>();
        for (TestCase test : cases) {
            if (!test.batch().isEmpty() && !plain.takesBatches()) {
                throw new IllegalArgumentException(test.file() + ": case '" + test.name() + "' has a 'batch', and the "
                        + "processor takes one record at a time. Give it a 'record'");
            }
            Set<String> own = new TreeSet<>(test.world().state().keySet());
            own.addAll(granted);
            for (String store : test.expect().state().keySet()) {
                if (!own.contains(store)) {
                    throw new IllegalArgumentException(test.file() + ": case '" + test.name() + "': 'expect' has the "
                            + "store '" + store + "', and the processor has "
                            + (own.isEmpty() ? "none" : "only: " + String.join(", ", own))
                            + ". StateAccess.stores grants one, and 'state' of the case does for the case");
                }
            }
            own.removeAll(granted);
            others.addAll(own);
        }
        return others;
    }

    /** Runs a case. */
    public Result run(TestCase test) {
        long begin = System.nanoTime();
        TestCase.World world = test.world();
        boolean granted = !plain.options().network().connect().isEmpty();
        if (world.http().isEmpty() && (world.network() || !granted)) {
            return run(test, null, begin);
        }
        try (HttpMock http = new HttpMock(world.http())) {
            return run(test, http, begin);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("the HTTP server of a case does not start", e);
        }
    }

    private Result run(TestCase test, HttpMock http, long begin) {
        GuestModule module = http == null && test.world().plain() ? plain : loader.load(options(test.world(), http));
        List<String> differences = new ArrayList<>();
        Attempt attempt = null;
        MemoryStores stores = Trial.stores(module.options());
        try (Guest guest = module.instantiate(); Trial trial = new Trial(module, guest, stores, lines)) {
            List<GuestLines.Line> log = new ArrayList<>(trial.startLines());
            if (stores != null) {
                stores.fill(test.world().state());
            }
            for (Task task : test.before()) {
                Attempt earlier = trial.run(task);
                log.addAll(earlier.log());
                if (!Attempt.succeeded(earlier.name())) {
                    differences.add("before: expected done, was " + AttemptText.outcome(earlier));
                }
            }
            BatchAttempt batch = test.batch().isEmpty() ? null
                    : trial.run(test.batch().stream().map(TestCase.Item::record).toList());
            Attempt last = batch == null ? trial.run(test.record()) : batch.whole();
            log.addAll(last.log());
            if (batch != null) {
                batch.tasks().forEach(alone -> log.addAll(alone.log()));
            }
            attempt = new Attempt(last.task(), last.outcome(), log, last.changes(), last.counts(), last.time(),
                    last.memory());
            differences.addAll(test.expect().differences(attempt));
            for (int i = 0; i < test.batch().size(); i++) {
                String place = "record " + (i + 1) + ", ";
                test.batch().get(i).expect().differences(batch.tasks().get(i))
                        .forEach(difference -> differences.add(place + difference));
            }
            differences.addAll(test.expect().differences(stores));
        } catch (WasmtimeException e) {
            lines.take().forEach(line -> differences.add("log: " + line));
            differences.add("the processor does not start: " + SettingNames.in(e.getMessage()));
        } finally {
            if (module != plain) {
                module.close();
            }
        }
        if (http != null) {
            differences.addAll(http.differences());
        }
        return new Result(test, differences, attempt, Duration.ofNanos(System.nanoTime() - begin));
    }

    private GuestOptions options(TestCase.World world, HttpMock http) {
        GuestOptions options = plain.options();
        Map<String, String> settings = new TreeMap<>(options.configuration());
        world.settings().forEach((name, value) -> settings.put(name, resolved(value, http)));
        WasiConfig.Builder wasi = options.wasi().toBuilder();
        world.env().forEach((name, value) -> wasi.env(name, resolved(value, http)));
        if (world.clock() != null) {
            wasi.clock(world.clock(), STEP);
        }
        if (world.seed() != null) {
            wasi.randomSeed(world.seed());
        }
        NetworkAccess network = options.network();
        if (http != null) {
            List<String> connect = new ArrayList<>();
            connect.add(http.address());
            http.hosts().forEach(host -> connect.add(host + '=' + http.address()));
            network.connect().stream().map(rule -> world.network() ? rule : standIn(rule, http)).forEach(connect::add);
            network = new NetworkAccess(connect, network.listen(), network.caFile());
        }
        return options.withConfiguration(settings).withWasi(wasi.build()).withNetwork(network)
                .withState(state(options.state(), world.state().keySet()));
    }

    /**
     * Makes of a grant one that leads to the HTTP server of the case, which says that it has no answer. A grant of
     * addresses becomes one of that server alone.
     */
    private static String standIn(String rule, HttpMock http) {
        Matcher name = NAME.matcher(rule);
        return rule.contains("=") ? rule : name.matches() ? name.group(1) + '=' + http.address() : http.address();
    }

    /** Grants the stores of a case besides those of the command. */
    private static StateAccess state(StateAccess granted, Set<String> names) {
        List<String> stores = new ArrayList<>(granted.stores());
        names.stream().filter(name -> !granted.names().contains(name)).forEach(stores::add);
        return new StateAccess(stores, granted.tables(), granted.taskOperations(), granted.taskBytes());
    }

    private static String resolved(String value, HttpMock http) {
        return http == null ? value : http.resolve(value);
    }
}
