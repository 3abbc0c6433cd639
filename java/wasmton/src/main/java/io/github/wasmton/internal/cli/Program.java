package io.github.wasmton.internal.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.Supplier;


/** Runs a program to its end and exits the JVM with its exit code, even after a signal. */
public final class Program {
    private static final int SIGINT = 2;
    private static final int SIGTERM = 15;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private Program() {
    }

    /** Runs a body that is to end within 30 seconds once {@code stop} was called. */
    public static void run(IntSupplier body, Runnable stop) {
        run(body, () -> {
            stop.run();
            return LIMIT;
        });
    }

    /**
     * Runs the body on this thread and never returns. On SIGTERM or SIGINT (Ctrl-C), another thread calls {@code stop},
     * which must make the body return; its result is the exit code. A plain shutdown hook cannot do that: the JVM would
     * report the signal, 143 or 130, even after a clean end. A second signal ends the JVM at once.
     *
     * @param stop stops the body, and returns the time that it may take to end; a body that takes longer is abandoned
     */
    public static void run(IntSupplier body, Supplier<Duration> stop) {
        CompletableFuture<Integer> exitCode = new CompletableFuture<>();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            if (exitCode.isDone()) {
                return;  // the body is over, and this is the exit below
            }
            haltOn("TERM", SIGTERM);
            haltOn("INT", SIGINT);
            long limit = stop.get().toMillis();
            int code = exitCode.completeOnTimeout(ExitCode.FAILED, limit, TimeUnit.MILLISECONDS).join();
            System.out.flush();
            System.err.flush();
            Runtime.getRuntime().halt(code);
        }, "wasmton-shutdown"));
        try {
            exitCode.complete(body.getAsInt());
        } catch (Throwable e) {
            e.printStackTrace();
            exitCode.complete(ExitCode.FAILED);
        }
        System.exit(exitCode.join());
    }

    /**
     * Makes the next signal of that name end the JVM, with a shell's exit code for it. The JVM's own handler would wait
     * for the shutdown in progress. It uses reflection, because javac's warning about these classes cannot be turned
     * off; a JVM without them only lacks this feature.
     */
    private static void haltOn(String signal, int number) {
        try {
            Class<?> signals = Class.forName("sun.misc.Signal");
            Class<?> handlers = Class.forName("sun.misc.SignalHandler");
            InvocationHandler halt = (proxy, method, arguments) -> {
                if (method.getName().equals("handle")) {
                    Runtime.getRuntime().halt(128 + number);
                }
                return null;
            };
            Object handler = Proxy.newProxyInstance(handlers.getClassLoader(), new Class<?>[] {handlers}, halt);
            signals.getMethod("handle", signals, handlers)
                    .invoke(null, signals.getConstructor(String.class).newInstance(signal), handler);
        } catch (ReflectiveOperationException | RuntimeException e) {
            // As without this feature: SIGKILL remains.
        }
    }
}
