package io.github.kawamuray.wasmtime;

import java.util.Collection;
import java.util.List;

/** A wasm function, or a Java function that wasm can call: {@link io.github.wasmton.wasmtime.Func}. */
public class Func implements Disposable {
    /**
     * A Java function of any type: {@link io.github.wasmton.wasmtime.Func.Callback}.
     *
     * @param <T> the class of the Store's data
     */
    public interface Handler<T> {
        /**
         * Runs the function. An exception that it throws comes out of the call that entered wasm, as the cause of a
         * {@link WasmtimeException} if it is neither of that class nor a {@link WasmFunctionError}.
         *
         * @param caller  the calling instance; valid until this method returns
         * @param params  the arguments
         * @param results an array to put the results in
         */
        void call(Caller<T> caller, Val[] params, Val[] results);
    }

    final io.github.wasmton.wasmtime.Func delegate;
    /** The types of the results, once a call has looked them up. */
    private Val.Type[] results;

    Func(io.github.wasmton.wasmtime.Func delegate) {
        this.delegate = delegate;
    }

    /** Creates a function that wasm can call in that Store. */
    public <T> Func(Store<T> store, FuncType type, Handler<T> handler) {
        this(new io.github.wasmton.wasmtime.Func(store.delegate, type.delegate(), (caller, args) -> {
            Val[] params = Val.of(type.getParams(), args);
            Val[] results = new Val[type.getResults().length];
            Exceptions.host(() -> handler.call(new Caller<>(caller, store), params, results));
            return Val.unwrap(results);
        }));
    }

    /**
     * Calls the function.
     *
     * @return the results; empty if the function has none
     * @throws WasmFunctionError if wasm traps or exits
     * @throws WasmtimeException if the arguments do not match the function's type, or a host function fails
     */
    public <T> Val[] call(Store<T> store, Val... args) {
        return Exceptions.call(() -> {
            Object[] values = delegate.call(Val.unwrap(args));
            if (results == null) {
                results = Val.Type.of(delegate.type().results());
            }
            return Val.of(results, values);
        });
    }

    /** Calls the function, as {@link #call(Store, Val...)} does. */
    public <T> List<Val> call(Store<T> store, Collection<Val> args) {
        return List.of(call(store, args.toArray(Val[]::new)));
    }

    @Override
    public void dispose() {}
}
