package io.github.wasmton.wasmtime.component;

import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

import io.github.wasmton.wasmtime.component.InstanceResources.Owner;
import io.github.wasmton.wasmtime.internal.NativeObject;

/**
 * A {@code stream<u8>} between Java and a component. Java reads a stream that a component made. A component reads a
 * stream that Java made by {@link #create} and gave to it, once, as an argument or result. Each end has one read or
 * write at a time, and the other end waits for it, so only the bytes of one read or write are in flight.
 *
 * <p>Any thread may use a stream, one at a time. Its Store counts a read or write as a call of {@link
 * ComponentFunc#callAsync}: the Store is busy until the read or write completes, and free between two of them. Close a
 * stream that you no longer need: the other end then sees the end of the stream. The Store ends the streams that its
 * components have.
 */
public final class ComponentStream extends NativeObject {
    private final boolean isRead;
    /** Null until a component has its end. */
    private volatile Owner owner;
    private final AtomicBoolean isBusy = new AtomicBoolean();

    /** Takes a stream of a component's. */
    ComponentStream(long handle, Owner owner) {
        super(handle, AsyncCalls::closeStream);
        this.owner = owner;
        isRead = true;
    }

    private ComponentStream() {
        super(AsyncCalls.createStream(), AsyncCalls::closeStream);
        isRead = false;
    }

    /** Creates a stream for a component to read. */
    public static ComponentStream create() {
        return new ComponentStream();
    }

    /** Notes the instance that gets the other end. */
    void giveTo(Owner newOwner) {
        checkOpen(this);
        synchronized (this) {
            if (owner != null) {
                throw new IllegalStateException("the stream was given to a component, or is one of a component");
            }
            owner = newOwner;
        }
    }

    /**
     * Begins to read the next bytes.
     *
     * @param most the most bytes to read, at least 1
     * @return the bytes, at least one; empty at the end of the stream. It completes exceptionally if the Store is
     *         closed or a call in it fails
     * @throws IllegalArgumentException if the number is less than 1
     * @throws IllegalStateException if another read has not completed, Java writes this stream, the stream or its Store
     *                               is closed, or the Store is in use by another call than those of {@code callAsync}
     */
    public CompletableFuture<Optional<byte[]>> read(int most) {
        if (most < 1) {
            throw new IllegalArgumentException("a read takes at least one byte, not " + most);
        }
        if (!isRead) {
            throw new IllegalStateException("Java writes this stream, and the component reads it");
        }
        return use(user -> AsyncCalls.read(user, this, most))
                .thenApply(bytes -> bytes.length == 0 ? Optional.empty() : Optional.of(bytes));
    }

    /**
     * Begins to write bytes, which are copied. Without bytes it does nothing, and is true at once.
     *
     * @return true when the component has taken all of them; false if it takes no more. It completes exceptionally if
     *         the Store is closed or a call in it fails
     * @throws IllegalStateException if another write has not completed, no component has the stream yet, Java reads
     *                               this stream, the stream or its Store is closed, or the Store is in use by another
     *                               call than those of {@code callAsync}
     */
    public CompletableFuture<Boolean> write(byte[] bytes) {
        Objects.requireNonNull(bytes, "bytes");
        if (isRead) {
            throw new IllegalStateException("the component writes this stream, and Java reads it");
        }
        if (bytes.length == 0) {
            checkOpen(this);
            return CompletableFuture.completedFuture(true);
        }
        return use(user -> AsyncCalls.write(user, this, bytes)).thenApply(result -> result.length > 0);
    }

    private CompletableFuture<byte[]> use(Function<Owner, CompletableFuture<byte[]>> begin) {
        checkOpen(this);
        Owner user = owner;
        if (user == null) {
            throw new IllegalStateException("no component has the stream: give it to one first");
        }
        if (!isBusy.compareAndSet(false, true)) {
            throw new IllegalStateException("the stream's previous read or write has not completed");
        }
        boolean begun = false;
        try {
            CompletableFuture<byte[]> result = begin.apply(user).whenComplete((bytes, failure) -> isBusy.set(false));
            begun = true;
            return result;
        } finally {
            if (!begun) {
                isBusy.set(false);
            }
        }
    }
}
