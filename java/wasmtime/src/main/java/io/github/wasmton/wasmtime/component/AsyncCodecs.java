package io.github.wasmton.wasmtime.component;

import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

import io.github.wasmton.wasmtime.component.ComponentType.Field;
import io.github.wasmton.wasmtime.component.ComponentType.FixedListType;
import io.github.wasmton.wasmtime.component.ComponentType.FuncType;
import io.github.wasmton.wasmtime.component.ComponentType.FutureType;
import io.github.wasmton.wasmtime.component.ComponentType.ListType;
import io.github.wasmton.wasmtime.component.ComponentType.OptionType;
import io.github.wasmton.wasmtime.component.ComponentType.RecordType;
import io.github.wasmton.wasmtime.component.ComponentType.ResultType;
import io.github.wasmton.wasmtime.component.ComponentType.StreamType;
import io.github.wasmton.wasmtime.component.ComponentType.TupleType;
import io.github.wasmton.wasmtime.component.ComponentType.VariantType;
import io.github.wasmton.wasmtime.internal.NativeObject;

/** Codecs of futures, and of streams of bytes. */
final class AsyncCodecs {
    private AsyncCodecs() {}

    /** Returns whether a function takes or returns futures or streams. */
    static boolean areIn(FuncType type) {
        return Stream.concat(type.params().stream().map(Field::type), type.result().stream())
                .anyMatch(AsyncCodecs::areIn);
    }

    private static boolean areIn(ComponentType type) {
        if (type instanceof ListType list) {
            return areIn(list.element());
        } else if (type instanceof FixedListType list) {
            return areIn(list.element());
        } else if (type instanceof OptionType option) {
            return areIn(option.type());
        } else if (type instanceof TupleType tuple) {
            return tuple.types().stream().anyMatch(AsyncCodecs::areIn);
        } else if (type instanceof RecordType record) {
            return record.fields().stream().map(Field::type).anyMatch(AsyncCodecs::areIn);
        } else if (type instanceof VariantType variant) {
            return variant.cases().stream().flatMap(one -> one.type().stream()).anyMatch(AsyncCodecs::areIn);
        } else if (type instanceof ResultType result) {
            return Stream.concat(result.ok().stream(), result.error().stream()).anyMatch(AsyncCodecs::areIn);
        }
        return type instanceof FutureType || type instanceof StreamType;
    }

    /** A CompletableFuture, or as an argument any stage. */
    static final class FutureCodec extends Codec {
        private final Codec value;

        FutureCodec(String where, Codec value) {
            super(where);
            this.value = value;
        }

        @Override
        void write(PackedWriter out, Object future) {
            if (!(future instanceof CompletionStage<?> stage)) {
                throw mismatch("a CompletableFuture", future);
            }
            long promise = AsyncCalls.promise(stage, value, out.resources);
            out.afterwards(() -> AsyncCalls.forget(promise));
            out.putLong(promise);
        }

        @Override
        Object read(PackedReader in) {
            return AsyncCalls.value(in.getLong(), value, in.resources);
        }
    }

    /** A ComponentStream. */
    static final class StreamCodec extends Codec {
        StreamCodec(String where) {
            super(where);
        }

        @Override
        void write(PackedWriter out, Object value) {
            if (!(value instanceof ComponentStream stream)) {
                throw mismatch("a ComponentStream", value);
            }
            stream.giveTo(out.resources.owner());
            out.putLong(NativeObject.handleOf(stream));
        }

        @Override
        Object read(PackedReader in) {
            return new ComponentStream(in.getLong(), in.resources.owner());
        }
    }
}
