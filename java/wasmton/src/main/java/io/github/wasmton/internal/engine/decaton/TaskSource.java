package io.github.wasmton.internal.engine.decaton;

import com.linecorp.decaton.processor.ProcessingContext;

import io.github.wasmton.guest.Task;

/** Makes tasks of what Decaton hands to a processor. Threads call it for the task that they process. */
public interface TaskSource<T> {
    /** Returns a task with everything that is known about it. */
    Task whole(ProcessingContext<T> context, T data);

    /** Returns the task for its first attempt, which may lack what only a failure needs. */
    default Task first(ProcessingContext<T> context, T data) {
        return whole(context, data);
    }
}
