package io.github.wasmton.wasmtime;

/**
 * A failure in wasmtime: code that does not compile, imports that do not match, a directory that does not open. The
 * message holds all causes, outermost first. Traps and exits have their own subclasses.
 */
public class WasmtimeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WasmtimeException(String message) {
        super(message);
    }
}
