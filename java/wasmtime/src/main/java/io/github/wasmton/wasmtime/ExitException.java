package io.github.wasmton.wasmtime;

/** The exit of a guest by WASI's {@code proc_exit}, with any status. */
public final class ExitException extends WasmtimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    ExitException(int status) {
        super("the guest exited with status " + status);
        this.status = status;
    }

    /** Returns the guest's exit status; 0 is success by convention. */
    public int status() {
        return status;
    }
}
