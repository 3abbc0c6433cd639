package io.github.wasmton.wasmtime;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;

import io.github.wasmton.wasmtime.internal.NativeObject;

/**
 * An exception of wasm's exception handling: a {@link Tag} and the values that it carries.
 *
 * <p>One that wasm throws and does not catch comes out of the call that entered wasm; the instance may be used on. A
 * host function throws one into wasm by throwing it, and wasm can catch it by its tag, if that is of the same Store.
 * What wasm does not catch comes out of the call as the same object; so does one whose tag is another Store's, which
 * wasm does not see. Any other exception of Java's goes past wasm's handlers, those that catch all included.
 */
public final class WasmException extends WasmtimeException {
    private static final long serialVersionUID = 1L;

    private final transient Tag tag;
    private final transient List<Object> values;

    /** The values and where the tag is, for Rust to read. */
    private final transient long storeHandle;
    private final transient int tagIndex;
    private final transient long[] numbers;
    private final transient Object[] objects;

    /**
     * Makes an exception for a host function to throw.
     *
     * @param values what it carries, of the classes that {@link WasmValType} tells
     * @throws IllegalArgumentException if they are not of the tag's types, or are Funcs of another Store
     */
    public WasmException(Tag tag, Object... values) {
        this(tag, encode(tag, values));
    }

    /** Made by Rust, of what wasm did not catch. */
    WasmException(Store store, int tag, String type, long[] numbers, Object[] objects, String[] frames) {
        this(new Tag(store, tag, new TagType(FuncType.parse(type))), new Values(store, numbers, objects));
        WasmFrame.addTo(this, WasmFrame.read(frames));
    }

    private WasmException(Tag tag, Values values) {
        super("wasm exception that carries " + tag.type().payload());
        this.tag = tag;
        this.values = Collections.unmodifiableList(Arrays.asList(values.get(tag.type().payload())));
        storeHandle = NativeObject.handleOf(tag.store);
        tagIndex = tag.index;
        numbers = values.numbers;
        objects = values.objects;
    }

    private static Values encode(Tag tag, Object[] values) {
        Values encoded = new Values(tag.store, values.length);
        encoded.put(tag.type().payload(), values, "value");
        return encoded;
    }

    /** The tag, of the Store that the exception is for; null in an exception that was deserialized. */
    public Tag tag() {
        return tag;
    }

    /** What it carries; null in an exception that was deserialized. */
    public List<Object> values() {
        return values;
    }
}
