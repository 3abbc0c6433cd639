package io.github.wasmton.wasmtime;

/** Wasm code trapped. The instance it ran in may hold anything now; do not use it again. */
public final class TrapException extends WasmtimeException {
    private static final long serialVersionUID = 1L;

    private final TrapCode code;
    private final String backtrace;

    TrapException(String code, String message, String backtrace) {
        super(message);
        this.code = TrapCode.of(code);
        this.backtrace = backtrace;
    }

    /** Why wasm trapped. */
    public TrapCode code() {
        return code;
    }

    /** The wasm frames, innermost first, a line each, with source lines where the module has debug information. */
    public String backtrace() {
        return backtrace;
    }
}
