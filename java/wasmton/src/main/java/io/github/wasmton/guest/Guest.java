package io.github.wasmton.guest;

import io.github.wasmton.wasmtime.ExitException;
import io.github.wasmton.wasmtime.TrapCode;
import io.github.wasmton.wasmtime.TrapException;
import io.github.wasmton.wasmtime.WasmtimeException;
import io.github.wasmton.wasmtime.internal.NativeLibrary;
import io.github.wasmton.wasmtime.internal.NativeObject;

/**
 * One instance of a processor, and the only door into it. One thread at a time uses a guest; a second one gets an
 * {@link IllegalStateException} at once. Any thread may close it; a task under way is finished first.
 */
public final class Guest extends NativeObject {
    static {
        NativeLibrary.register(Guest.class);
    }

    /** In what {@link #process(long, byte[])} returns: {@code run} returned what stands below. */
    private static final long RETURNED = 1L << 33;
    /** In what {@link #process(long, byte[])} returns: the guest did not take its task. */
    private static final long NOT_TAKEN = 1L << 32;

    private final GuestOptions options;

    Guest(long handle, GuestOptions options) {
        super(handle, Guest::destroy);
        this.options = options;
    }

    /**
     * Hands one task to the guest and waits until it is done with it. Whatever the guest does becomes an outcome, never
     * an exception. After a trap, an exit or a deadline the instance is gone, and the next task gets a fresh one.
     *
     * @throws IllegalStateException if the guest is closed or another thread is using it
     */
    public Outcome process(Task task) {
        byte[] value = task.value();
        long result;
        try {
            result = process(handleOf(this), value);
        } catch (TrapException e) {
            return failed(e);
        } catch (ExitException e) {
            return new Outcome.Failed(Outcome.Kind.EXIT, e.getMessage() + "; a processor returns from run instead", "");
        } catch (WasmtimeException | StackOverflowError e) {
            return new Outcome.Failed(Outcome.Kind.HOST, String.valueOf(e.getMessage()), "");
        } catch (IllegalStateException e) {
            throw e;
        } catch (Exception e) {
            // Thrown by a Java stream that is the guest's input or output.
            return new Outcome.Failed(Outcome.Kind.HOST, e.toString(), "");
        }
        return result == RETURNED ? Outcome.DONE : refused(result, task);
    }

    private Outcome failed(TrapException e) {
        if (e.code() == TrapCode.INTERRUPT) {
            return new Outcome.Failed(Outcome.Kind.DEADLINE,
                    "the guest did not return within " + options.deadline().toMillis() + " ms", e.backtrace());
        }
        return new Outcome.Failed(Outcome.Kind.TRAP, e.getMessage(), e.backtrace());
    }

    private static Outcome refused(long result, Task task) {
        if ((result & RETURNED) != 0) {
            return new Outcome.Failed(Outcome.Kind.REFUSED, "run returned " + (int) result, "");
        }
        if ((result & NOT_TAKEN) == 0) {
            return new Outcome.Failed(Outcome.Kind.HOST, "the native library failed and could not say why", "");
        }
        int offered = (int) result;
        int length = task.value() == null ? 0 : task.value().length;
        return new Outcome.Failed(Outcome.Kind.NOT_TAKEN, offered == 0
                ? "run returned without taking the task by poll_task"
                : "run returned without taking the task: its buffer of " + offered + " bytes cannot hold " + length,
                "");
    }

    private static native long process(long guest, byte[] task);

    private static native void destroy(long guest);
}
