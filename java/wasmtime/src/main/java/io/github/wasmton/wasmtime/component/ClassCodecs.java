package io.github.wasmton.wasmtime.component;

import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Codecs of values of a user's own classes. */
final class ClassCodecs {
    private ClassCodecs() {}

    static final class JavaRecord extends PartCodecs.Parts {
        private final Class<?> type;
        private final MethodHandle constructor;
        private final MethodHandle[] accessors;
        /** The record's component for each field of WIT. */
        private final int[] order;

        JavaRecord(String where, Class<?> type, MethodHandle constructor, List<Codec> codecs,
                List<MethodHandle> accessors, int[] order) {
            super(where, codecs);
            this.type = type;
            this.constructor = constructor;
            this.accessors = accessors.toArray(MethodHandle[]::new);
            this.order = order;
        }

        @Override
        void write(PackedWriter out, Object value) {
            if (!type.isInstance(value)) {
                throw mismatch("a " + type.getName(), value);
            }
            for (int i = 0; i < parts.length; i++) {
                parts[i].write(out, get(accessors[i], value));
            }
        }

        private static Object get(MethodHandle accessor, Object value) {
            try {
                return (Object) accessor.invokeExact(value);
            } catch (Throwable e) {
                throw Resources.sneaky(e);
            }
        }

        @Override
        Object read(PackedReader in) {
            Object[] values = new Object[parts.length];
            for (int i = 0; i < parts.length; i++) {
                values[order[i]] = parts[i].read(in);
            }
            try {
                return (Object) constructor.invokeExact(values);
            } catch (Throwable e) {
                throw Resources.sneaky(e);
            }
        }
    }

    static final class Sealed extends Codec {
        private final Class<?> type;
        private final JavaRecord[] cases;
        private final Map<Class<?>, Integer> numbers = new HashMap<>();

        Sealed(String where, Class<?> type, List<JavaRecord> cases) {
            super(where);
            this.type = type;
            this.cases = cases.toArray(JavaRecord[]::new);
            cases.forEach(one -> numbers.put(one.type, numbers.size()));
        }

        @Override
        void write(PackedWriter out, Object value) {
            Integer number = value == null ? null : numbers.get(value.getClass());
            if (number == null) {
                throw mismatch("a " + type.getName(), value);
            }
            out.putInt(number);
            cases[number].write(out, value);
        }

        @Override
        Object read(PackedReader in) {
            return cases[in.getInt()].read(in);
        }

        @Override
        boolean hasByteLists() {
            return Arrays.stream(cases).anyMatch(Codec::hasByteLists);
        }

        @Override
        int size() {
            return 4 + Arrays.stream(cases).mapToInt(Codec::size).max().orElse(0);
        }
    }

    static final class Enumeration extends Codec {
        private final Enum<?>[] constants;
        private final Map<Object, Integer> numbers;

        Enumeration(String where, Enum<?>[] constants) {
            super(where);
            this.constants = constants;
            this.numbers = Codecs.numbers(List.of(constants));
        }

        @Override
        void write(PackedWriter out, Object value) {
            Integer number = numbers.get(value);
            if (number == null) {
                throw mismatch("one of " + Arrays.toString(constants), value);
            }
            out.putInt(number);
        }

        @Override
        Object read(PackedReader in) {
            return constants[in.getInt()];
        }
    }
}
