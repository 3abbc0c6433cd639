package io.github.wasmton.wasmtime;

import java.util.List;
import java.util.Optional;

/**
 * Wasm code trapped. The instance it ran in may hold anything now; do not use it again. The stack trace shows the wasm
 * frames in the place where wasm ran, as methods of {@code wasm.} and the module's name.
 */
public final class TrapException extends WasmtimeException {
    private static final long serialVersionUID = 1L;

    private final TrapCode code;
    private final String backtrace;
    private final transient List<WasmFrame> frames;
    private final byte[] coreDump;

    TrapException(String code, String message, String backtrace, String[] frames, byte[] coreDump) {
        super(message);
        this.code = TrapCode.of(code);
        this.backtrace = backtrace;
        this.frames = WasmFrame.read(frames);
        this.coreDump = coreDump;
        WasmFrame.addTo(this, this.frames);
    }

    /** Why wasm trapped. */
    public TrapCode code() {
        return code;
    }

    /** The wasm frames as text, innermost first, a line each, with source lines where the module has any. */
    public String backtrace() {
        return backtrace;
    }

    /** The wasm frames, innermost first; empty in an exception that was deserialized. */
    public List<WasmFrame> frames() {
        return frames == null ? List.of() : frames;
    }

    /** All memories and globals as they were, as a WebAssembly core dump: see {@link Config#coredumpOnTrap}. */
    public Optional<byte[]> coreDump() {
        return Optional.ofNullable(coreDump).map(byte[]::clone);
    }
}
