package io.github.wasmton.wasmtime;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;

import io.github.wasmton.wasmtime.internal.NativeObject;

/**
 * An exception of wasm's exception handling: a {@link Tag} and the values that it carries.
 *
 * <p>An exception that wasm throws and does not catch comes out of the call that entered wasm; the instance remains
 * usable. A host function can throw one into wasm, and wasm can catch it by its tag if the tag belongs to the same
 * Store. If wasm does not catch it, or the tag belongs to another Store, the same object comes out of the call. All
 * other Java exceptions bypass wasm's handlers, catch-all handlers included.
 */
public final class WasmException extends WasmtimeException {
    private static final long serialVersionUID = 1L;

    private final transient Tag tag;
    private final transient List<Object> values;

    /** The values and the location of the tag, for Rust to read. */
    private final transient long storeHandle;
    private final transient int tagIndex;
    private final transient long[] numbers;
    private final transient Object[] objects;

    /**
     * Creates an exception for a host function to throw.
     *
     * @param values the values to carry, of the classes given by {@link WasmValType}
     * @throws IllegalArgumentException if the values do not match the tag's types, or are Funcs of another Store
     */
    public WasmException(Tag tag, Object... values) {
        this(tag, encode(tag, values), Collections.unmodifiableList(Arrays.asList(values.clone())));
    }

    /** Called by Rust with an exception that wasm did not catch. */
    WasmException(Store store, int tag, String type, long[] numbers, Object[] objects, String[] frames) {
        this(new Tag(store, tag, new TagType(FuncType.parse(type))), new Values(store, numbers, objects));
        WasmFrame.addTo(this, WasmFrame.read(frames));
    }

    private WasmException(Tag tag, Values encoded) {
        this(tag, encoded, Collections.unmodifiableList(Arrays.asList(encoded.get(tag.type().payload()))));
    }

    private WasmException(Tag tag, Values encoded, List<Object> values) {
        super("wasm exception that carries " + tag.type().payload());
        this.tag = tag;
        this.values = values;
        storeHandle = NativeObject.handleOf(tag.store);
        tagIndex = tag.index;
        numbers = encoded.numbers;
        objects = encoded.objects;
    }

    private static Values encode(Tag tag, Object[] values) {
        Values encoded = new Values(tag.store, values.length);
        encoded.put(tag.type().payload(), values, "value");
        return encoded;
    }

    /** Returns the tag, which belongs to the exception's Store; null in a deserialized exception. */
    public Tag tag() {
        return tag;
    }

    /** Returns the values that the exception carries; null in a deserialized exception. */
    public List<Object> values() {
        return values;
    }
}
