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
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options for tasks that fail, and for how everything ends. */
public final class FailureArguments {
    @Option(names = "--attempts", paramLabel = "N",
            description = "How often a task is tried in place before it has failed for good. Default: 3.")
    int attempts = FailureOptions.DEFAULT.attempts();

    @Option(names = "--backoff", paramLabel = "TIME", converter = Arguments.DurationConverter.class,
            description = "How long is waited before the second attempt, twice as long before each further one; a "
                    + "random half of it is left out. Default: 200ms.")
    Duration backoff = FailureOptions.DEFAULT.backoff();

    @Option(names = "--max-backoff", paramLabel = "TIME", converter = Arguments.DurationConverter.class,
            description = "The longest wait between two attempts. Default: 10s.")
    Duration maxBackoff = FailureOptions.DEFAULT.maxBackoff();

    @Option(names = "--dead-letter-topic", paramLabel = "TOPIC",
            description = "Where tasks go that failed for good; it must exist. Default: none, a task that failed for "
                    + "good stops everything. 'wasmton dlq --help' says how to look at them and replay them.")
    String deadLetterTopic;

    @Option(names = "--on", paramLabel = "KIND=ACTION",
            description = "What is done about one kind of failure (trap, exit, deadline, memory, refused, retry, "
                    + "dead-letter, skip, fatal, not-taken, host); repeatable. retry: tries again, then dead-letter; "
                    + "retry-then-skip, retry-then-stop: tries again, then that; dead-letter: to the dead-letter "
                    + "topic, without one stop; skip: counts as done; stop. Default: retry; but dead-letter, skip and "
                    + "stop where the guest asks for that, and retry-then-stop for host.")
    Map<String, String> on = new LinkedHashMap<>();

    @Option(names = "--failure-threshold", paramLabel = "PERCENT", converter = PercentConverter.class,
            description = "Stops when more than so many of the last tasks would be dead-lettered or skipped, for then "
                    + "it is not the tasks that are wrong. Default: 10%%. 100%% is never.")
    double failureThreshold = Threshold.DEFAULT.ratio() * 100;

    @Option(names = "--failure-window", paramLabel = "N",
            description = "How many are the last tasks for --failure-threshold. Default: 1000.")
    int failureWindow = Threshold.DEFAULT.window();

    @Option(names = "--failure-minimum", paramLabel = "N",
            description = "So many have to fail at least before --failure-threshold stops. Default: 20.")
    int failureMinimum = Threshold.DEFAULT.minimum();

    @Option(names = "--stop-timeout", paramLabel = "TIME", converter = Arguments.DurationConverter.class,
            description = "How long tasks that are under way may take after SIGTERM or Ctrl-C; what is not done by "
                    + "then comes again at the next start. Default: 20s.")
    public Duration stopTimeout = Duration.ofSeconds(20);

    /** What was given. */
    public FailureOptions options(String topic) throws BadInputException {
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
                    new Threshold(failureThreshold / 100, failureWindow, failureMinimum));
        } catch (IllegalArgumentException e) {
            throw new BadInputException("--attempts, --backoff, --failure-...: " + e.getMessage() + '.', e);
        }
    }

    /** In one line, for the person who started it. */
    public static String line(FailureOptions options) {
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
        String names = Arrays.stream(constants).map(constant -> constant.name().toLowerCase(Locale.ROOT)
                .replace('_', '-')).collect(Collectors.joining(", "));
        throw new BadInputException("--on: '" + name + "' is no " + what + ". There are: " + names + '.', null);
    }

    private static final class PercentConverter implements ITypeConverter<Double> {
        @Override
        public Double convert(String value) {
            if (value.matches("[0-9]{1,3}(\\.[0-9]+)?%?")) {
                return Double.valueOf(value.replace("%", ""));
            }
            throw new TypeConversionException("'" + value + "' is not a percentage, such as 10% or 0.5%");
        }
    }
}
