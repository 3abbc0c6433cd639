package io.github.wasmton.wasmtime.component;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.util.Arrays;
import java.util.function.Function;

/** A user's own exceptions, which stand for the errors of functions. */
final class TypedErrors {
    private TypedErrors() {}

    /** Returns whether a class of a method's throws clause stands for an error. */
    static boolean isTyped(Class<?> thrown) {
        return ComponentException.class.isAssignableFrom(thrown) && thrown != ComponentException.class;
    }

    /**
     * Returns the constructor that takes the error's value, or nothing if it has none.
     *
     * @throws IllegalArgumentException if there is none, or more than one
     */
    static Constructor<?> constructor(Class<?> thrown, boolean hasValue, String where) {
        int parameters = hasValue ? 1 : 0;
        Constructor<?>[] found = Arrays.stream(thrown.getDeclaredConstructors())
                .filter(one -> one.getParameterCount() == parameters).toArray(Constructor<?>[]::new);
        if (found.length != 1) {
            throw new IllegalArgumentException(where + ": " + thrown.getName() + " needs one constructor with "
                    + parameters + " parameters");
        }
        return found[0];
    }

    /** Returns a function that makes the exception from an error's value. */
    static Function<Object, ComponentException> maker(Constructor<?> constructor) {
        boolean hasValue = constructor.getParameterCount() > 0;
        MethodHandle handle;
        try {
            MethodHandle exact = MethodHandles.privateLookupIn(constructor.getDeclaringClass(), MethodHandles.lookup())
                    .unreflectConstructor(constructor);
            handle = (hasValue ? exact : MethodHandles.dropArguments(exact, 0, Object.class))
                    .asType(MethodType.methodType(ComponentException.class, Object.class));
        } catch (IllegalAccessException e) {
            throw TypedCodecs.closed(constructor.getDeclaringClass(), e);
        }
        return value -> {
            try {
                return (ComponentException) handle.invokeExact(value);
            } catch (Throwable e) {
                throw Resources.sneaky(e);
            }
        };
    }
}
