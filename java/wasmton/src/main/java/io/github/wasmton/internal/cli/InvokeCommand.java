package io.github.wasmton.internal.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.author.Attempt;
import io.github.wasmton.internal.author.AttemptText;
import io.github.wasmton.internal.author.BatchAttempt;
import io.github.wasmton.internal.author.MemoryStores;
import io.github.wasmton.internal.author.Project;
import io.github.wasmton.internal.author.RecordJson;
import io.github.wasmton.internal.author.Trial;
import io.github.wasmton.internal.engine.TaskKey;
import io.github.wasmton.internal.text.GuestLines;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs a processor on records from the command line or a file, without a Kafka. */
@Command(name = "invoke", mixinStandardHelpOptions = true, versionProvider = Root.Version.class,
        description = {"Run a processor on records from the command line, a file or standard input, without Kafka.",
            "",
            "It shows the outcome of each record, the log lines, the produced records, the changes of stores, the time "
                + "and the memory, and at the end the stores. The guest runs as by 'wasmton run', with the same limits "
                + "and grants, but each record has one attempt. "
                + "In a folder with a " + Project.FILE + ", options and the processor come from that file too."},
        customSynopsis = "wasmton invoke [OPTIONS] [DIR|PROCESSOR_WASM]",
        exitCodeList = {
            "0:each task was done, or skipped by the processor",
            "1:a task failed",
            "2:invalid input; the message says what is needed"})
final class InvokeCommand extends ProcessorCommand {
    @Mixin
    RecordArguments records = new RecordArguments();

    @Mixin
    StateFile state = new StateFile();

    @Mixin
    Shown shown = new Shown();

    @Command(optionListHeading = "Result")
    static final class Shown {
        @Option(names = "--batch", paramLabel = "N",
                description = "Largest number of records to give in one batch, for a processor that takes batches. "
                        + "Records with the same key are in different ones. Default: ${DEFAULT-VALUE}.")
        int batch = 1;

        @Option(names = "--json", description = "Print a line of JSON for each record.")
        boolean json;

        @Mixin
        LogLevelArgument log = new LogLevelArgument();
    }

    @Mixin
    GuestLoading guest = new GuestLoading();

    @Mixin
    ConfigurationArguments configuration = new ConfigurationArguments();

    @Override
    public List<String> examples() {
        return List.of(
                "wasmton invoke orders.wasm --value '{\"id\": \"o-1\"}' --key o-1",
                "wasmton invoke orders.wasm --lines orders.jsonl --output-topic large-orders",
                "kcat -C -e -b localhost:9092 -t orders |\n"
                        + "    wasmton invoke orders.wasm --lines - --json");
    }

    @Override
    public int run(Session session) throws CommandException {
        records.check();
        checkBatch(shown.batch);
        return GuestLoading.collecting(shown.log.level, lines -> invoke(session, lines));
    }

    private int invoke(Session session, GuestLines lines) throws CommandException {
        long begin = System.nanoTime();
        GuestOptions options = guest.options(session);
        MemoryStores stores = state.stores(options);
        try (GuestModule module = guest.load(processor.wasm(session.err()), options, session);
                Trial trial = new Trial(module, GuestLoading.start(module), stores, lines)) {
            Duration start = Duration.ofNanos(System.nanoTime() - begin);
            if (!shown.json) {
                AttemptText.printLines(session.out(), trial.startLines());
            }
            if (shown.batch > 1 && !module.takesBatches()) {
                throw new BadInputException("--batch is for processors that take batches, and " + module.path()
                        + " takes one record at a time. Leave it out.", null);
            }
            Map<String, Integer> outcomes = new TreeMap<>();
            List<Task> batch = new ArrayList<>();
            Set<TaskKey> keys = new HashSet<>();
            records.forEach(task -> {
                TaskKey key = TaskKey.of(task);
                if (batch.size() == shown.batch || keys.contains(key)) {
                    run(trial, batch, outcomes, session);
                    keys.clear();
                }
                if (key != null) {
                    keys.add(key);
                }
                batch.add(task);
            });
            run(trial, batch, outcomes, session);
            if (outcomes.isEmpty() && !session.stop().isDone()) {
                throw records.none();
            }
            long memory = module.memoryInUse();  // none after a failure, which drops the instance
            if (!shown.json) {
                session.out().println(AttemptText.summary(outcomes) + "; loaded and started in "
                        + AttemptText.time(start)
                        + (memory == 0 ? "" : ", " + AttemptText.size(memory) + " of memory"));
                if (stores != null) {
                    AttemptText.print(session.out(), stores);
                }
            }
            return outcomes.keySet().stream().allMatch(Attempt::succeeded) ? ExitCode.OK : ExitCode.FAILED;
        }
    }

    /** Hands the collected records to the guest, and shows what came of them. */
    private void run(Trial trial, List<Task> collected, Map<String, Integer> outcomes, Session session) {
        if (collected.isEmpty() || session.stop().isDone()) {
            return;
        }
        if (shown.batch > 1) {
            BatchAttempt batch = trial.run(collected);
            if (shown.json) {
                session.out().println(RecordJson.line(batch));
            } else {
                AttemptText.print(session.out(), batch);
            }
            batch.tasks().forEach(attempt -> show(attempt, outcomes, session));
        } else {
            show(trial.run(collected.get(0)), outcomes, session);
        }
        collected.clear();
    }

    private void show(Attempt attempt, Map<String, Integer> outcomes, Session session) {
        outcomes.merge(attempt.name(), 1, Integer::sum);
        if (shown.json) {
            session.out().println(RecordJson.line(attempt));
        } else {
            AttemptText.print(session.out(), attempt);
        }
    }
}
