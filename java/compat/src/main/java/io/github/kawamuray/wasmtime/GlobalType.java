package io.github.kawamuray.wasmtime;

/**
 * The type of a global variable: {@link io.github.wasmton.wasmtime.GlobalType}.
 *
 * @param getContent    the type of its value
 * @param getMutability whether the value can change
 */
public record GlobalType(Val.Type getContent, Mutability getMutability) {
    static GlobalType of(io.github.wasmton.wasmtime.GlobalType delegate) {
        return new GlobalType(Val.Type.of(delegate.content()), delegate.mutable() ? Mutability.VAR : Mutability.CONST);
    }

    @Override
    public String toString() {
        return "GlobalType(content=" + getContent + ", mutability=" + getMutability + ')';
    }
}
