package io.github.wasmton.wasmtime;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A trap of wasm code. The instance may be in any state afterwards; do not use it again. The stack trace shows the wasm
 * frames where wasm ran, as methods of {@code wasm.} and the module's name.
 */
public final class TrapException extends WasmtimeException {
    private static final long serialVersionUID = 1L;

    private final TrapCode code;
    private final String backtrace;
    private final transient List<WasmFrame> frames;
    private final byte[] coreDump;

    /**
     * Creates a trap for a host function to throw. It ends the wasm that called the function, and comes out of the call
     * as the same object. Its code is {@link TrapCode#OTHER}, and it has no wasm frames.
     */
    public TrapException(String message) {
        this(TrapCode.OTHER.name(), Objects.requireNonNull(message, "message"), "", new String[0], null);
    }

    TrapException(String code, String message, String backtrace, String[] frames, byte[] coreDump) {
        super(message);
        this.code = TrapCode.of(code);
        this.backtrace = backtrace;
        this.frames = WasmFrame.read(frames);
        this.coreDump = coreDump;
        WasmFrame.addTo(this, this.frames);
    }

    /** Returns the cause of the trap. */
    public TrapCode code() {
        return code;
    }

    /**
     * Returns the wasm frames as text, innermost first, one per line, with source lines if the module has debug
     * information.
     */
    public String backtrace() {
        return backtrace;
    }

    /** Returns the wasm frames, innermost first; empty in a deserialized exception. */
    public List<WasmFrame> frames() {
        return frames == null ? List.of() : frames;
    }

    /**
     * Returns all memories and globals at the time of the trap, as a WebAssembly core dump: see {@link
     * Config#coredumpOnTrap}.
     */
    public Optional<byte[]> coreDump() {
        return Optional.ofNullable(coreDump).map(byte[]::clone);
    }
}
