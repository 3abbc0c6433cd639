package io.github.kawamuray.wasmtime;

import java.io.UncheckedIOException;
import java.util.function.Supplier;

import io.github.wasmton.wasmtime.ExitException;
import io.github.wasmton.wasmtime.TrapException;

/** Conversion of the binding's exceptions to those of 0.19.0. */
final class Exceptions {
    private Exceptions() {}

    /** Calls the binding. Its {@link IllegalStateException} for closed and busy objects stays as it is. */
    static <R> R call(Supplier<R> code) {
        try {
            return code.get();
        } catch (TrapException e) {
            throw new WasmFunctionError.TrapError(e);
        } catch (ExitException e) {
            throw new WasmFunctionError.I32ExitError(e);
        } catch (io.github.wasmton.wasmtime.WasmtimeException | IllegalArgumentException | UncheckedIOException e) {
            throw new WasmtimeException(e.getMessage(), e);
        }
    }

    /** Calls the binding, as {@link #call} does. */
    static void run(Runnable code) {
        call(() -> {
            code.run();
            return null;
        });
    }

    /** Runs a host function. Other exceptions than those of 0.19.0 become a {@link WasmtimeException}. */
    static void host(Runnable function) {
        try {
            function.run();
        } catch (WasmtimeException | WasmFunctionError e) {
            throw e;
        } catch (RuntimeException e) {
            throw new WasmtimeException(e.toString(), e);
        }
    }
}
