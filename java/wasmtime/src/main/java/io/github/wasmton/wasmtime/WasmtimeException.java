package io.github.wasmton.wasmtime;

/**
 * wasmtime could not do what was asked: code that does not compile, imports that do not fit, a directory that does not
 * open. The message holds all causes, the outermost first. Traps and exits have classes of their own.
 */
public class WasmtimeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WasmtimeException(String message) {
        super(message);
    }
}
