package io.github.wasmton.internal.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.slf4j.event.Level;

import io.github.wasmton.guest.Guest;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.author.Attempt;
import io.github.wasmton.internal.author.AttemptText;
import io.github.wasmton.internal.author.Benchmark;
import io.github.wasmton.internal.text.GuestLines;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures the speed of a processor, without a Kafka. */
@Command(name = "bench", mixinStandardHelpOptions = true, versionProvider = Root.Version.class,
        description = {"Measure the speed of a processor on the given records, without Kafka.",
            "",
            "One thread gives the records to one instance in turn, again and again. Produced records and log lines are "
                + "dropped. The first task that fails ends the measurement."},
        customSynopsis = "wasmton bench [OPTIONS] [DIR|PROCESSOR_WASM]",
        exitCodeList = {
            "0:each task was done, or skipped by the processor",
            "1:a task failed, which ends the measurement",
            "2:invalid input; the message says what is needed"})
final class BenchCommand extends ProcessorCommand {
    @Mixin
    RecordArguments records = new RecordArguments();

    @Mixin
    Shown shown = new Shown();

    @Command(optionListHeading = "Result")
    static final class Shown {
        @Option(names = "--duration", paramLabel = "TIME", converter = Form.Time.class,
                description = "Time to measure: a third warms up, a third counts tasks, a third times single tasks. "
                        + "Default: ${DEFAULT-VALUE}.")
        Duration duration = Duration.ofSeconds(6);

        @Option(names = "--batch", paramLabel = "N",
                description = "Number of records to give in one call, as the engine consumer does, or as one batch if "
                        + "the processor takes batches. Times are then those of a call divided by its records. "
                        + "Default: ${DEFAULT-VALUE}.")
        int batch = 1;

        @Option(names = "--json", description = "Print a line of JSON.")
        boolean json;
    }

    @Mixin
    GuestLoading guest = new GuestLoading();

    @Mixin
    ConfigurationArguments configuration = new ConfigurationArguments();

    @Override
    public List<String> examples() {
        return List.of(
                "wasmton bench orders.wasm --value '{\"id\": \"o-1\", \"amount\": 250}'",
                "wasmton bench orders.wasm --lines orders.jsonl --batch 100 --duration 30s",
                "wasmton bench orders.wasm --records orders.jsonl --json");
    }

    @Override
    public int run(Session session) throws CommandException {
        records.check();
        checkBatch(shown.batch);
        return GuestLoading.collecting(Level.INFO, lines -> measure(session, lines));
    }

    private int measure(Session session, GuestLines lines) throws CommandException {
        List<Task> tasks = new ArrayList<>();
        records.forEach(tasks::add);
        if (tasks.isEmpty()) {
            throw records.none();
        }
        try (GuestModule module = guest.load(processor.wasm(session.err()), guest.options(session), session);
                Guest instance = GuestLoading.start(module)) {
            session.err().println("Measuring for " + AttemptText.time(shown.duration) + " ...");
            Benchmark benchmark = new Benchmark(module, instance, lines, tasks, shown.batch,
                    session.stop()::isDone);
            Benchmark.Result result = benchmark.run(shown.duration);
            if (benchmark.failure() != null) {
                session.err().println("A task failed, so there is no result. " + benchmark.failure().task() + ": "
                        + AttemptText.outcome(benchmark.failure()));
                AttemptText.printDetails(session.err(), benchmark.failure());
                return ExitCode.FAILED;
            }
            if (result == null) {
                session.err().println("Stopped before the end of the measurement.");
                return ExitCode.FAILED;
            }
            session.out().println(shown.json ? result.json() : result.text());
            return ExitCode.OK;
        }
    }
}
