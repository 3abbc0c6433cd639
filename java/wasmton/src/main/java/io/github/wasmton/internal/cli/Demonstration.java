package io.github.wasmton.internal.cli;

import java.io.PrintStream;

/** The demo, which a module with an embedded Kafka offers as a service. */
public interface Demonstration {
    /**
     * Runs the demo to its end, or until {@link #stop}.
     *
     * @return the program's exit code
     */
    int run(PrintStream out, PrintStream err);

    /** Makes {@link #run} return soon. Any thread may call it at any time. */
    void stop();
}
