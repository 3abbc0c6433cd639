package io.github.wasmton.internal.engine;

import java.util.Collections;
import java.util.List;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;

/**
 * A processor that throws nothing but {@link EngineException}: it logs any other exception of the wrapped processor and
 * decides to stop. Decaton would otherwise count the record as done.
 */
public final class GuardedProcessor implements TaskProcessor {
    private static final Logger log = LoggerFactory.getLogger(GuardedProcessor.class);

    private final TaskProcessor processor;

    public GuardedProcessor(TaskProcessor processor) {
        this.processor = processor;
    }

    @Override
    public Decision process(Task task) {
        try {
            return processor.process(task);
        } catch (Throwable e) {
            log.error("The processor itself failed at {}", task, e);
            return Decision.STOP;
        }
    }

    @Override
    public Decision process(Task task, Effects effects) {
        try {
            return processor.process(task, effects);
        } catch (EngineException e) {
            throw e;
        } catch (Throwable e) {
            log.error("The processor itself failed at {}", task, e);
            return Decision.STOP;
        }
    }

    @Override
    public int series() {
        return processor.series();
    }

    @Override
    public Progress process(List<Task> tasks) {
        try {
            return processor.process(tasks);
        } catch (Throwable e) {
            log.error("The processor itself failed at {} or one of {} tasks behind it", tasks.get(0), tasks.size() - 1,
                    e);
            return new Progress(0, Decision.STOP);
        }
    }

    /** Lets each task begin at its turn if the wrapped processor throws: it will throw there, too. */
    @Override
    public List<Outcome> attempt(List<Task> batch) {
        try {
            return processor.attempt(batch);
        } catch (Throwable e) {
            log.error("The processor itself failed at a batch of {} tasks from {}", batch.size(), batch.get(0), e);
            return Collections.nCopies(batch.size(), null);
        }
    }

    @Override
    public Decision process(Task task, Outcome first, Effects effects) {
        try {
            return processor.process(task, first, effects);
        } catch (EngineException e) {
            throw e;
        } catch (Throwable e) {
            log.error("The processor itself failed at {}", task, e);
            return Decision.STOP;
        }
    }

    @Override
    public void endWait() {
        processor.endWait();
    }

    @Override
    public boolean isWaiting() {
        return processor.isWaiting();
    }

    @Override
    public void close() {
        processor.close();
    }
}
