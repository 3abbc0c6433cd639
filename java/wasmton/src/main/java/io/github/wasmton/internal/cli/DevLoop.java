package io.github.wasmton.internal.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.InvalidGuestException;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.author.AttemptText;
import io.github.wasmton.internal.author.MemoryStores;
import io.github.wasmton.internal.author.Project;
import io.github.wasmton.internal.author.Snapshot;
import io.github.wasmton.internal.author.TestCase;
import io.github.wasmton.internal.author.TestRun;
import io.github.wasmton.internal.author.Trial;
import io.github.wasmton.internal.text.FileError;
import io.github.wasmton.internal.text.GuestLines;
import io.github.wasmton.internal.text.SettingNames;

/**
 * The loop of {@code wasmton dev}: watches the files, builds on a thread of its own, and runs the guest on this thread,
 * which also takes what is typed.
 */
final class DevLoop implements AutoCloseable {
    /** Time between two looks at the files. */
    private static final long LOOK_MILLIS = 50;

    private final Project project;
    private final DevCommand command;
    private final Session session;
    private final PrintStream out;
    private final GuestLines lines;
    private final GuestOptions options;
    /** The Kafka on which the processor runs; null if it runs without one. */
    private final DevKafka kafka;
    /** Stores of the session, for every version; null if the processor has none. */
    private final MemoryStores stores;
    private final BlockingQueue<Optional<String>> typed = new LinkedBlockingQueue<>();
    private Version running;
    private CompletableFuture<Boolean> build;
    private boolean failed;
    private long noticed;
    private long offset;

    /** A version of the processor that runs. */
    private record Version(GuestModule module, Trial trial, LocalTime since) {}

    DevLoop(Project project, DevCommand command, Session session, GuestLines lines) throws BadInputException {
        this.project = project;
        this.command = command;
        this.session = session;
        this.lines = lines;
        out = session.out();
        options = command.guest.options(session);
        stores = command.state.stores(options);
        kafka = command.shown.kafka ? new DevKafka(project, command, session) : null;
    }

    /** Runs until the end of the input or of the program. */
    int run() throws CommandException {
        Thread reader = new Thread(this::read, "keyboard");
        reader.setDaemon(true);
        reader.start();
        Snapshot sources = Snapshot.of(project.sources().stream());
        Snapshot cases = Snapshot.of(Stream.of(project.cases()));
        Snapshot settings = Snapshot.of(Stream.of(project.file()));
        startBuild();
        while (!session.stop().isDone()) {
            if (build != null && build.isDone()) {
                boolean built = build.join();
                build = null;
                finishBuild(built);
            }
            if (kafka != null) {
                kafka.report();
            }
            Snapshot now = Snapshot.of(project.sources().stream());
            if (build == null && !now.equals(sources)) {
                sources = now;
                startBuild();
            }
            Snapshot casesNow = Snapshot.of(Stream.of(project.cases()));
            if (running != null && !casesNow.equals(cases)) {
                cases = casesNow;
                runCases();
            }
            Snapshot settingsNow = Snapshot.of(Stream.of(project.file()));
            if (!settingsNow.equals(settings)) {
                settings = settingsNow;
                out.println(project.file() + " was saved. To use its new lines, end this by Ctrl-D and start "
                        + "it again.");
            }
            if (running == null ? endsWithoutAVersion() : !takeTyped()) {
                return running == null ? ExitCode.FAILED : ExitCode.OK;
            }
        }
        return ExitCode.OK;
    }

    /** Waits for the first version; returns whether there is nobody left who could save a file or type. */
    private boolean endsWithoutAVersion() {
        pause();
        Optional<String> next = build == null ? typed.peek() : null;
        return next != null && next.isEmpty();
    }

    private void startBuild() {
        noticed = System.nanoTime();
        build = CompletableFuture.supplyAsync(() -> {
            try {
                return BuildCommand.build(project, session, out);
            } catch (BadInputException e) {
                out.println(e.getMessage());
                return false;
            }
        });
    }

    private void finishBuild(boolean built) throws CommandException {
        failed = !built || !swap();
        if (failed) {
            out.println(running == null ? "No version runs yet. Waiting for a file to be saved."
                    : "The version of " + running.since + " keeps running. Waiting for a file to be saved.");
            return;
        }
        runCases();
        if (kafka != null) {
            kafka.swap();
        }
        try {
            command.records.forEach(this::process);
        } catch (BadInputException e) {
            out.println(e.getMessage());
        }
        out.println("Type the value of a record and Enter; Ctrl-D ends.");
    }

    /** Loads the built file and puts it in the place of the version that runs. */
    private boolean swap() {
        long begin = System.nanoTime();
        Version next = null;
        try {
            GuestModule module = command.guest.load(project.wasm(), options, session);
            try {
                next = new Version(module, new Trial(module, GuestLoading.start(module), stores, lines),
                        LocalTime.now().truncatedTo(ChronoUnit.SECONDS));
            } finally {
                if (next == null) {
                    module.close();
                }
            }
        } catch (CommandException e) {
            AttemptText.printLines(out, lines.take());
            out.println(e.getMessage());
            return false;
        }
        boolean first = running == null;
        closeVersion();
        running = next;
        AttemptText.printLines(out, running.trial.startLines());
        out.println("The new version has been running since " + running.since + "; loaded in "
                + AttemptText.time(Duration.ofNanos(System.nanoTime() - begin))
                + (first ? "" : ", " + AttemptText.time(Duration.ofNanos(System.nanoTime() - noticed))
                        + " after the file was saved"));
        return true;
    }

    private void runCases() {
        if (!Files.exists(project.cases())) {
            return;
        }
        TestRun run = new TestRun(running.module, with -> GuestModule.load(project.wasm(), with,
                command.guest.cache.cache()), lines);
        int all = 0;
        int bad = 0;
        try {
            List<TestCase> cases = TestRun.read(project.cases());
            TestCommand.warn(out, run.check(cases));
            for (TestCase test : cases) {
                TestRun.Result result = run.run(test);
                all++;
                if (!result.passed()) {
                    bad++;
                    TestCommand.print(out, result);
                }
            }
        } catch (IllegalArgumentException | InvalidGuestException e) {
            out.println("The cases cannot run: " + SettingNames.in(e.getMessage()) + '.');
            return;
        } catch (IOException e) {
            out.println("The cases cannot run: " + FileError.of(e) + '.');
            return;
        }
        out.println(all + (all == 1 ? " case, " : " cases, ") + bad + " failed");
    }

    /** Runs a typed record, if there is one soon; returns false at the end of the input. */
    private boolean takeTyped() {
        Optional<String> line;
        try {
            line = build != null && !typed.isEmpty() && typed.peek().isEmpty() ? pause()
                    : typed.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        if (line == null) {
            return true;
        }
        if (line.isEmpty()) {
            return false;
        }
        process(command.records.task(line.get(), offset++));
        if (failed) {
            out.println("(The last build failed; this is the version of " + running.since + ".)");
        }
        return true;
    }

    private void process(Task task) {
        if (kafka != null) {
            kafka.send(task);
        } else {
            AttemptText.print(out, running.trial.run(task));
        }
    }

    /** Waits until the next look at the files; returns null. */
    private static Optional<String> pause() {
        try {
            Thread.sleep(LOOK_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return null;
    }

    /** Reads what is typed, on a separate thread, because nothing interrupts a read. An empty line is the end. */
    private void read() {
        try {
            new BufferedReader(new InputStreamReader(System.in, UTF_8)).lines()
                    .forEach(line -> typed.add(Optional.of(line)));
        } catch (UncheckedIOException e) {
            out.println("Standard input cannot be read: " + e.getMessage());
        }
        typed.add(Optional.empty());
    }

    private void closeVersion() {
        if (running != null) {
            running.trial.close();
            running.module.close();
        }
    }

    @Override
    public void close() {
        closeVersion();
        if (kafka != null) {
            kafka.close();
        }
    }
}
