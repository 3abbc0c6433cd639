package io.github.kawamuray.wasmtime;

/**
 * The type of a table: {@link io.github.wasmton.wasmtime.TableType}.
 *
 * @param element the type of its elements
 * @param minimum the initial number of elements
 * @param maximum the largest number of elements, or -1
 */
public record TableType(Val.Type element, int minimum, int maximum) {
    /** Creates a type without a maximum. */
    public TableType(Val.Type element, int minimum) {
        this(element, minimum, -1);
    }

    static TableType of(io.github.wasmton.wasmtime.TableType delegate) {
        return new TableType(Val.Type.of(delegate.element()), (int) delegate.minimum(),
                (int) delegate.maximum().orElse(-1));
    }
}
