package io.github.wasmton.wasmtime;

/** The exit of a guest by WASI's {@code proc_exit} or by a host function, with any status. */
public final class ExitException extends WasmtimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    /**
     * Creates an exit for a host function to throw. It ends the wasm that called the function, and comes out of the
     * call as the same object.
     */
    public ExitException(int status) {
        super("the guest exited with status " + status);
        this.status = status;
    }

    /** Returns the guest's exit status; 0 is success by convention. */
    public int status() {
        return status;
    }
}
