package io.github.kawamuray.wasmtime;

import io.github.wasmton.wasmtime.ExitException;
import io.github.wasmton.wasmtime.TrapException;

/** A trap or an exit of wasm code. */
public class WasmFunctionError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Creates an error for a host function to throw. */
    public WasmFunctionError(String message) {
        super(message);
    }

    private WasmFunctionError(String message, Throwable cause) {
        super(message, cause);
    }

    /** An exit: {@link ExitException}. */
    public static class I32ExitError extends WasmFunctionError {
        private static final long serialVersionUID = 1L;

        private final int exitCode;

        /** Creates an exit for a host function to throw. It comes out of the call as the same object. */
        public I32ExitError(int exitCode) {
            this(exitCode, null);
        }

        I32ExitError(ExitException cause) {
            this(cause.status(), cause);
        }

        private I32ExitError(int exitCode, Throwable cause) {
            super("exit code: " + exitCode, cause);
            this.exitCode = exitCode;
        }

        /** Returns the exit status. */
        public int exitCode() {
            return exitCode;
        }
    }

    /** A trap. The cause is the {@link TrapException}, which has the wasm frames. */
    public static class TrapError extends WasmFunctionError {
        private static final long serialVersionUID = 1L;

        private final Trap trap;

        TrapError(TrapException cause) {
            this(Trap.of(cause.code()), cause);
        }

        private TrapError(Trap trap, Throwable cause) {
            super("wasm trap: " + trap, cause);
            this.trap = trap;
        }

        /** Returns the cause of the trap. */
        public Trap trap() {
            return trap;
        }
    }
}
