package io.github.wasmton.internal.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** State that a running command shares with the program around it. */
final class Session {
    /** Time allowed for shutdown on top of a command's own limit. */
    private static final Duration MARGIN = Duration.ofSeconds(10);

    private final PrintStream out;
    private final PrintStream err;
    private final Map<String, String> environment;
    private final CompletableFuture<Void> stop = new CompletableFuture<>();
    private volatile Duration endLimit = MARGIN;
    private volatile Secrets secrets = Secrets.NONE;

    Session(PrintStream out, PrintStream err, Map<String, String> environment) {
        this.out = out;
        this.err = err;
        this.environment = environment;
    }

    /** Receives results and progress. */
    PrintStream out() {
        return out;
    }

    /** Receives the reason of a failure. */
    PrintStream err() {
        return err;
    }

    Map<String, String> environment() {
        return environment;
    }

    /** A future that completes when the command has to end. */
    CompletableFuture<Void> stop() {
        return stop;
    }

    /** Sets the time that the command may take to end, without the margin. */
    void endsWithin(Duration limit) {
        endLimit = limit.plus(MARGIN);
    }

    Duration endLimit() {
        return endLimit;
    }

    /** Sets the values that no message may show. */
    void hide(Secrets hidden) {
        secrets = hidden;
    }

    Secrets secrets() {
        return secrets;
    }
}
