/**
 * Components: WebAssembly with types of WIT, by wasmtime.
 *
 * <p>A {@link io.github.wasmton.wasmtime.component.Component} is compiled by an
 * {@link io.github.wasmton.wasmtime.Engine}, and instantiated in a {@link io.github.wasmton.wasmtime.Store} by a
 * {@link io.github.wasmton.wasmtime.component.ComponentLinker}. Functions are called with plain Java values:
 *
 * <table>
 * <caption>Java values of WIT's types</caption>
 * <tr><th>WIT</th><th>Java</th></tr>
 * <tr><td>bool</td><td>Boolean</td></tr>
 * <tr><td>s8, s16, s32, s64</td><td>Byte, Short, Integer, Long</td></tr>
 * <tr><td>u8, u16, u32</td><td>Short, Integer, Long: the next larger</td></tr>
 * <tr><td>u64</td><td>Long with the same bits; see {@link java.lang.Long#toUnsignedString(long)}</td></tr>
 * <tr><td>f32, f64</td><td>Float, Double</td></tr>
 * <tr><td>char</td><td>Integer, the code point</td></tr>
 * <tr><td>string</td><td>String</td></tr>
 * <tr><td>list&lt;u8&gt;, list&lt;s8&gt;</td><td>byte[]</td></tr>
 * <tr><td>other lists, tuples</td><td>List, unmodifiable</td></tr>
 * <tr><td>record</td>
 *     <td>{@link io.github.wasmton.wasmtime.component.ComponentRecord}, or as an argument a Map</td></tr>
 * <tr><td>variant</td><td>{@link io.github.wasmton.wasmtime.component.ComponentVariant}</td></tr>
 * <tr><td>enum</td><td>String</td></tr>
 * <tr><td>flags</td><td>Set of Strings</td></tr>
 * <tr><td>option</td><td>Optional</td></tr>
 * <tr><td>result of a function</td><td>the value, or a
 *     {@link io.github.wasmton.wasmtime.component.ComponentException}</td></tr>
 * <tr><td>result within a value</td><td>{@link io.github.wasmton.wasmtime.component.ComponentResult}</td></tr>
 * <tr><td>resource of the component</td>
 *     <td>{@link io.github.wasmton.wasmtime.component.ComponentResource}</td></tr>
 * <tr><td>resource that the linker defines</td><td>the Java object</td></tr>
 * <tr><td>future</td><td>{@link java.util.concurrent.CompletableFuture}, or as an argument any
 *     {@link java.util.concurrent.CompletionStage}</td></tr>
 * <tr><td>stream&lt;u8&gt;</td><td>{@link io.github.wasmton.wasmtime.component.ComponentStream}</td></tr>
 * </table>
 *
 * <p>As an argument, a whole number may be of any class of whole numbers that holds it, and a char a Character. Strings
 * cross as UTF-8; a surrogate without its other half becomes a question mark. A function with maps, with futures
 * without a value or with streams of other elements cannot be used from Java. A component that has async functions
 * needs a Store without other components, and modules cannot be called in that Store.
 *
 * <p>Your own classes can take the place of these: see
 * {@link io.github.wasmton.wasmtime.component.ComponentInstance#as(String, Class)}. A record stands for a record or a
 * tuple, an enum for an enum, a Set of an enum for flags, a sealed interface of records for a variant, an interface for
 * a resource, and null for an option without a value, unless it is an Optional. A method of an interface may return a
 * {@link java.util.concurrent.CompletableFuture} for an async function, as
 * {@link io.github.wasmton.wasmtime.component.ComponentFunc#callAsync} does.
 *
 * <p>{@code Component} and {@code ComponentInstancePre} are owned, as a {@code Module} is, and thread-safe. A {@code
 * ComponentLinker} is thread-safe, too. Everything else belongs to a Store, and is for one thread at a time, as the
 * Store is; calls by {@code callAsync} and streams are for any thread. After a trap, or an exception that went through
 * wasm, no component of that Store can be called any more.
 */
package io.github.wasmton.wasmtime.component;
