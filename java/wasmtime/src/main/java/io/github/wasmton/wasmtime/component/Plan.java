package io.github.wasmton.wasmtime.component;

import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

import io.github.wasmton.wasmtime.component.ComponentType.Field;
import io.github.wasmton.wasmtime.component.ComponentType.FuncType;
import io.github.wasmton.wasmtime.component.ComponentType.FutureType;
import io.github.wasmton.wasmtime.component.ComponentType.ResultType;

/** The codecs of a function's parameters and result, made once. */
final class Plan {
    /** The most arguments that cross as longs. */
    static final int MOST_NUMBERS = 4;

    final Codec[] params;
    /** The codec of the result, or of its value if the function has a result type; null for none. */
    final Codec result;
    /** The codec of an error's value; null for none. */
    final Codec error;
    /** True if the result is a value or an error. */
    final boolean canFail;
    /** True if arguments and result cross as a few longs. */
    final boolean isNumbers;
    /** True if the method that stands for the function returns a stage of the result. */
    final boolean returnsStage;
    /** True if futures or streams cross, which last longer than a call. */
    final boolean outlastsCalls;
    /** True if the result is a future, for which a stage stands itself. */
    private final boolean isFuture;
    private final int size;
    private final boolean hasByteLists;

    private final Function<Object, ComponentException> exception;

    private Plan(FuncType type, Codec[] params, Codec result, Codec error, boolean canFail) {
        this(type, params, result, error, canFail, false, ComponentException::new);
    }

    private Plan(FuncType type, Codec[] params, Codec result, Codec error, boolean canFail, boolean returnsStage,
            Function<Object, ComponentException> exception) {
        outlastsCalls = AsyncCodecs.areIn(type);
        this.params = params;
        this.returnsStage = returnsStage;
        isFuture = result instanceof AsyncCodecs.FutureCodec;
        this.result = result;
        this.error = error;
        this.exception = exception;
        this.canFail = canFail;
        int arguments = 0;
        boolean bytes = false;
        for (Codec param : params) {
            arguments += param.size();
            bytes |= param.hasByteLists();
        }
        int results = 4 + Math.max(result == null ? 0 : result.size(), error == null ? 0 : error.size());
        size = Math.min(4096, Math.max(arguments, results));
        isNumbers = params.length <= MOST_NUMBERS && Arrays.stream(params).allMatch(Codec::isNumber) && !canFail
                && (result == null || result.isNumber());
        hasByteLists = bytes || result != null && result.hasByteLists() || error != null && error.hasByteLists();
    }

    /**
     * Makes the plan of a function; {@code name} names it in messages.
     *
     * @throws UnsupportedOperationException if Java has no values of one of the types
     */
    static Plan of(FuncType type, String name, Codecs codecs) {
        List<Codec> params = new ArrayList<>();
        for (Field param : type.params()) {
            params.add(codecs.of(param.type(), name + ", parameter '" + param.name() + '\''));
        }
        String where = name + ", result";
        if (type.result().isPresent() && type.result().get() instanceof ResultType result) {
            return new Plan(type, params.toArray(Codec[]::new),
                    result.ok().map(ok -> codecs.of(ok, where)).orElse(null),
                    result.error().map(error -> codecs.of(error, name + ", error")).orElse(null), true);
        }
        return new Plan(type, params.toArray(Codec[]::new),
                type.result().map(one -> codecs.of(one, where)).orElse(null), null, false);
    }

    /**
     * Makes the plan of a function for a method that stands for it.
     *
     * @throws IllegalArgumentException if a class does not stand for its type; the message names the first
     */
    static Plan of(FuncType type, String name, Method method, TypedCodecs codecs) {
        return ofMethod(type, name, method, codecs, null);
    }

    /**
     * Makes the plan of a resource's method, whose first argument is the resource; {@code self} is its class. Without
     * one, it is a function.
     *
     * @throws IllegalArgumentException if a class does not stand for its type; the message names the first
     */
    static Plan ofMethod(FuncType type, String name, Method method, TypedCodecs codecs, Class<?> self) {
        List<Type> java = new ArrayList<>(List.of(method.getGenericParameterTypes()));
        if (self != null) {
            java.add(0, self);
        }
        if (java.size() != type.params().size()) {
            throw new IllegalArgumentException(method + " has " + method.getParameterCount()
                    + " parameters, but WIT has " + type);
        }
        Codec[] params = new Codec[java.size()];
        for (int i = 0; i < params.length; i++) {
            Field param = type.params().get(i);
            params[i] = codecs.of(param.type(), java.get(i), name + ", parameter '" + param.name() + '\'');
        }
        String where = name + ", result";
        boolean stage = returnsStage(type, method);
        Type returned = stage ? TypedCodecs.argument(method.getGenericReturnType(), 0) : method.getGenericReturnType();
        boolean canFail = type.result().isPresent() && type.result().get() instanceof ResultType
                && TypedCodecs.raw(returned) != ComponentResult.class;
        Optional<ComponentType> value = canFail ? ((ResultType) type.result().get()).ok() : type.result();
        Class<?> none = stage ? Void.class : void.class;
        if (returned == none && value.isPresent()) {
            throw new IllegalArgumentException(where + " needs to be returned by " + method + ": WIT has " + type);
        }
        if (returned != none && value.isEmpty()) {
            throw new IllegalArgumentException(method + " needs to " + (stage ? "return a stage of Void" : "be void")
                    + ": WIT has " + type);
        }
        Codec result = value.map(one -> codecs.of(one, returned, where)).orElse(null);
        if (!canFail) {
            return new Plan(type, params, result, null, false, stage, ComponentException::new);
        }
        Optional<ComponentType> error = ((ResultType) type.result().get()).error();
        String whereError = name + ", error";
        Class<?> thrown = Arrays.stream(method.getExceptionTypes()).filter(TypedErrors::isTyped).findFirst()
                .orElse(null);
        if (thrown == null) {
            return new Plan(type, params, result, error.map(one -> codecs.of(one, whereError)).orElse(null), true,
                    stage, ComponentException::new);
        }
        Constructor<?> constructor = TypedErrors.constructor(thrown, error.isPresent(), whereError);
        Codec errorCodec = error.map(one -> codecs.of(one, constructor.getGenericParameterTypes()[0], whereError))
                .orElse(null);
        return new Plan(type, params, result, errorCodec, true, stage, TypedErrors.maker(constructor));
    }

    /** Returns whether a method returns a stage of the result, as it may for an async function. */
    private static boolean returnsStage(FuncType type, Method method) {
        Class<?> raw = method.getReturnType();
        if (!isStage(raw)) {
            return false;
        }
        boolean isFuture = type.result().filter(FutureType.class::isInstance).isPresent();
        if (isFuture && !isStage(TypedCodecs.raw(TypedCodecs.argument(method.getGenericReturnType(), 0)))) {
            return false;
        }
        if (!type.async()) {
            throw new IllegalArgumentException(method + " returns a " + raw.getSimpleName()
                    + ", but WIT has no async func: " + type);
        }
        return true;
    }

    private static boolean isStage(Class<?> type) {
        return type == CompletableFuture.class || type == CompletionStage.class;
    }

    /** Returns whether a host function has returned a stage of its result, not the result itself. */
    boolean isStageOfResult(Object returned) {
        return returned instanceof CompletionStage && (returnsStage || !isFuture);
    }

    /** Returns an argument as a long; 0 if there is none. */
    long number(Object[] arguments, int index) {
        return index < params.length ? params[index].toLong(arguments[index]) : 0;
    }

    PackedWriter writer(InstanceResources resources) {
        return new PackedWriter(size, hasByteLists, resources);
    }

    /** Returns a writer that puts large byte lists among the other values. */
    PackedWriter plainWriter(InstanceResources resources) {
        return new PackedWriter(size, false, resources);
    }

    void writeArguments(PackedWriter out, Object[] arguments) {
        for (int i = 0; i < params.length; i++) {
            params[i].write(out, arguments[i]);
        }
    }

    Object[] readArguments(byte[] values, InstanceResources resources) {
        PackedReader in = new PackedReader(values, null, resources);
        Object[] arguments = new Object[params.length];
        for (int i = 0; i < params.length; i++) {
            arguments[i] = params[i].read(in);
        }
        return arguments;
    }

    /** Reads a result; throws the error if it is one. */
    Object readResult(PackedReader in) {
        if (canFail && in.getInt() != 0) {
            throw exception.apply(error == null ? null : error.read(in));
        }
        return result == null ? null : result.read(in);
    }

    /** Packs the result of a host function; null for none. */
    byte[] writeResult(Object value, InstanceResources resources) {
        PackedWriter out = plainWriter(resources);
        if (canFail) {
            out.putInt(0);
        }
        if (result != null) {
            result.write(out, value);
        }
        return out.packed();
    }

    /** Packs the error of a host function. */
    byte[] writeError(ComponentException e, InstanceResources resources) {
        PackedWriter out = plainWriter(resources);
        out.putInt(1);
        if (error != null) {
            error.write(out, e.error());
        }
        return out.packed();
    }
}
