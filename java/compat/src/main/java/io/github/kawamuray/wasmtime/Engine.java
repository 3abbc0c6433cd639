package io.github.kawamuray.wasmtime;

/** A compiler and its settings: {@link io.github.wasmton.wasmtime.Engine}. Engines are equal if they are the same. */
public class Engine implements Disposable {
    final io.github.wasmton.wasmtime.Engine delegate;

    /** Creates an engine with the default settings. */
    public Engine() {
        this(new Config());
    }

    /** Creates an engine. */
    public Engine(Config config) {
        this(Exceptions.call(() -> new io.github.wasmton.wasmtime.Engine(config.delegate)));
    }

    Engine(io.github.wasmton.wasmtime.Engine delegate) {
        this.delegate = delegate;
    }

    /** Advances the epoch by one. */
    public void incrementEpoch() {
        delegate.incrementEpoch();
    }

    @Override
    public void dispose() {
        delegate.close();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Engine engine && engine.canEqual(this) && engine.delegate == delegate;
    }

    /** Returns whether an object can be equal to this one; a subclass may narrow it. */
    protected boolean canEqual(Object other) {
        return other instanceof Engine;
    }

    @Override
    public int hashCode() {
        return delegate.hashCode();
    }
}
