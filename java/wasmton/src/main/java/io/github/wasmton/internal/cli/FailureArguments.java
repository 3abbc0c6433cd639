package io.github.wasmton.internal.cli;

import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

import io.github.wasmton.failure.FailureAction;
import io.github.wasmton.failure.FailureOptions.Threshold;
import io.github.wasmton.failure.FailureOptions;
import io.github.wasmton.guest.Outcome;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Options for failed tasks and for the shutdown. */
@Command(optionListHeading = "Failures")
final class FailureArguments {
    @Option(names = "--attempts", paramLabel = "N",
            description = "Number of attempts before a task has failed. Default: ${DEFAULT-VALUE}.")
    int attempts = FailureOptions.DEFAULT.attempts();

    @Option(names = "--backoff", paramLabel = "TIME", converter = Form.Time.class,
            description = "Delay before the second attempt; doubles each time, with jitter (50 to 100 %%). "
                    + "Default: ${DEFAULT-VALUE}.")
    Duration backoff = FailureOptions.DEFAULT.backoff();

    @Option(names = "--max-backoff", paramLabel = "TIME", converter = Form.Time.class,
            description = "Longest delay between two attempts. Default: ${DEFAULT-VALUE}.")
    Duration maxBackoff = FailureOptions.DEFAULT.maxBackoff();

    @Option(names = "--dead-letter-topic", paramLabel = "TOPIC",
            description = "Topic for failed tasks; it must exist. 'wasmton dlq' lists and replays them. Default: none; "
                    + "then a failed task stops the processor.")
    String deadLetterTopic;

    @Option(names = "--on", paramLabel = "KIND=ACTION",
            description = {"Action for one kind of failure; repeatable. Kinds: trap, exit, deadline, memory, refused, "
                    + "retry, dead-letter, skip, fatal, not-taken, host. Actions:",
                "retry - retry, then as dead-letter",
                "retry-then-skip - retry, then skip",
                "retry-then-stop - retry, then stop",
                "dead-letter - write to the dead-letter topic; stop if there is none",
                "skip - count as done",
                "stop - stop the processor",
                "Default: retry; but what the guest asks for by dead-letter, skip and fatal, and retry-then-stop for "
                    + "host."})
    Map<String, String> on = new LinkedHashMap<>();

    @Option(names = "--failure-threshold", paramLabel = "PERCENT", converter = Form.Percent.class,
            description = "Stop when more than this share of the recent tasks would be dead-lettered, or skipped "
                    + "because they failed: then the guest or a dependency is broken, not the tasks. "
                    + "100%% means never. "
                    + "Default: ${DEFAULT-VALUE}.")
    double failureThreshold = Threshold.DEFAULT.ratio();

    @Option(names = "--failure-window", paramLabel = "N",
            description = "Number of recent tasks that --failure-threshold looks at. Default: ${DEFAULT-VALUE}.")
    int failureWindow = Threshold.DEFAULT.window();

    @Option(names = "--failure-minimum", paramLabel = "N",
            description = "Minimum number of failures before --failure-threshold applies. Default: ${DEFAULT-VALUE}.")
    int failureMinimum = Threshold.DEFAULT.minimum();

    @Option(names = "--stop-timeout", paramLabel = "TIME", converter = Form.Time.class,
            description = "Time that tasks in progress may take after SIGTERM or Ctrl-C; unfinished tasks are "
                    + "processed at the next start. Default: ${DEFAULT-VALUE}.")
    Duration stopTimeout = Duration.ofSeconds(20);

    /** Returns the options given. */
    FailureOptions options(String topic) throws BadInputException {
        Map<Outcome.Kind, FailureAction> actions = new LinkedHashMap<>();
        for (Map.Entry<String, String> pair : on.entrySet()) {
            actions.put(constant(Outcome.Kind.values(), "kind of failure", pair.getKey()),
                    constant(FailureAction.values(), "action", pair.getValue()));
        }
        if (topic.equals(deadLetterTopic)) {
            throw new BadInputException("--dead-letter-topic is the topic that is read: every dead letter would be a "
                    + "task again, for ever. Name another.", null);
        }
        if (deadLetterTopic == null && actions.containsValue(FailureAction.DEAD_LETTER)) {
            throw new BadInputException("--on ...=dead-letter needs a --dead-letter-topic.", null);
        }
        try {
            return new FailureOptions(attempts, backoff, maxBackoff, actions, deadLetterTopic,
                    new Threshold(failureThreshold, failureWindow, failureMinimum));
        } catch (IllegalArgumentException e) {
            throw new BadInputException("--attempts, --backoff, --failure-...: " + e.getMessage() + '.', e);
        }
    }

    /** Returns a line for the person who started it. */
    static String line(FailureOptions options) {
        return String.format(Locale.ROOT, "%d attempt%s, then %s", options.attempts(),
                options.attempts() == 1 ? "" : "s",
                options.deadLetterTopic() == null ? "stop" : "to the topic " + options.deadLetterTopic());
    }

    private static <E extends Enum<E>> E constant(E[] constants, String what, String name) throws BadInputException {
        for (E constant : constants) {
            if (constant.name().equals(name.strip().toUpperCase(Locale.ROOT).replace('-', '_'))) {
                return constant;
            }
        }
        String names = Arrays.stream(constants).map(Form::nameOf).collect(Collectors.joining(", "));
        throw new BadInputException("--on: '" + name + "' is no " + what + ". There are: " + names + '.', null);
    }
}
