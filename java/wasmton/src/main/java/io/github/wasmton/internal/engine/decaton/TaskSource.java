package io.github.wasmton.internal.engine.decaton;

import com.linecorp.decaton.processor.ProcessingContext;

import io.github.wasmton.guest.Task;

/** Creates tasks from what Decaton passes to a processor. Threads call it for the task that they process. */
public interface TaskSource<T> {
    /** Returns a task with all its known parts. */
    Task whole(ProcessingContext<T> context, T data);

    /** Returns the task for its first attempt, which may lack parts that only a failure needs. */
    default Task first(ProcessingContext<T> context, T data) {
        return whole(context, data);
    }
}
