package io.github.wasmton.internal.run;

import java.util.List;
import java.util.Objects;

import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Output;
import io.github.wasmton.internal.engine.Effects;

/** Sends the records that a task produced to their topics or to the next processor, for one runner. */
final class Products {
    private final RunContext context;
    private final Downstream next;
    private final Waits waits;

    Products(RunContext context, Downstream next, Waits waits) {
        this.context = context;
        this.next = next;
        this.waits = waits;
    }

    /**
     * Sends a task's records, and waits until they are taken.
     *
     * @param effects take the records for topics; {@code null} on an engine that leaves them to the runner
     * @return {@link Outcome#DONE}, or why not all were sent
     */
    Outcome write(List<Output> outputs, Effects effects) {
        String name = context.downstream();
        if (name == null) {
            return toTopics(outputs, effects);
        }
        List<Output> others = outputs.stream().filter(output -> !output.topic().equals(name)).toList();
        Outcome written = others.isEmpty() ? Outcome.DONE : toTopics(others, effects);
        return written == Outcome.DONE ? push(outputs, name) : written;
    }

    private Outcome toTopics(List<Output> outputs, Effects effects) {
        if (effects != null) {
            return context.outputs().handOver(outputs, effects::produce);
        }
        Outcome written = waits.await(context.outputs().write(outputs));
        return written != null ? written : new Outcome.Failed(Outcome.Kind.HOST,
                "everything ended before Kafka had acknowledged what the task produced", "");
    }

    private Outcome push(List<Output> outputs, String name) {
        try {
            for (Output output : outputs) {
                if (output.topic().equals(name)) {
                    next.push(Objects.requireNonNull(output.value(), "Decaton has no task without a value"));
                }
            }
            return Outcome.DONE;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return failed(e);
        } catch (Throwable e) {
            return failed(e);
        }
    }

    private static Outcome failed(Throwable e) {
        return new Outcome.Failed(Outcome.Kind.HOST, "the next processor failed: " + e, "");
    }
}
