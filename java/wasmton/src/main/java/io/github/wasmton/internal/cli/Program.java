package io.github.wasmton.internal.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.Supplier;


/** Runs a program to its end and ends the JVM with its exit code, also when a signal ends it. */
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
     * Runs the body on this thread and never returns. On SIGTERM or SIGINT (Ctrl-C), {@code stop} is called from
     * another thread and must make the body return; its result is the exit code. A plain shutdown hook cannot do that:
     * the JVM would report the signal, 143 or 130, however clean the end was. A second signal ends the JVM at once.
     *
     * @param stop says how long the body can take from then on; what hangs longer is left to hang
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
     * The next signal of that name ends the JVM, with the exit code that a shell gives it. The JVM's own handler would
     * wait for the shutdown that is under way. By reflection: javac's warning of these classes cannot be turned off,
     * and a JVM without them loses no more than this.
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
            // As without it: SIGKILL is left.
        }
    }
}
