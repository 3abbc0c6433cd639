package io.github.wasmton.wasmtime;

/** A guest ended itself by WASI's {@code proc_exit}, with whatever status. */
public final class ExitException extends WasmtimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    ExitException(int status) {
        super("the guest exited with status " + status);
        this.status = status;
    }

    /** The status that the guest gave; 0 is success by convention. */
    public int status() {
        return status;
    }
}
