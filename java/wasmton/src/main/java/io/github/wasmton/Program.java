package io.github.wasmton;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/** Runs a program to its end and ends the JVM with its exit code, also when a signal ends it. */
public final class Program {
    /** More than a program needs to close; what hangs then is left to hang. */
    private static final int SIGNAL_LIMIT_SECONDS = 30;

    private Program() {
    }

    /**
     * Runs the body on this thread and never returns. On SIGTERM or SIGINT (Ctrl-C), {@code stop} is called from
     * another thread and must make the body return; its result is the exit code. A plain shutdown hook cannot do that:
     * the JVM would report the signal, 143 or 130, however clean the end was.
     */
    public static void run(IntSupplier body, Runnable stop) {
        CompletableFuture<Integer> exitCode = new CompletableFuture<>();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            if (exitCode.isDone()) {
                return;  // the body is over, and this is the exit below
            }
            stop.run();
            int code = exitCode.completeOnTimeout(Wasmton.FAILED, SIGNAL_LIMIT_SECONDS, TimeUnit.SECONDS).join();
            System.out.flush();
            System.err.flush();
            Runtime.getRuntime().halt(code);
        }, "wasmton-shutdown"));
        try {
            exitCode.complete(body.getAsInt());
        } catch (Throwable e) {
            e.printStackTrace();
            exitCode.complete(Wasmton.FAILED);
        }
        System.exit(exitCode.join());
    }
}
