package io.github.wasmton.wasmtime.component;

import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Codecs of values of a user's own classes. */
final class ClassCodecs {
    private ClassCodecs() {}

    static final class Elements extends Codec {
        private final Codec element;

        Elements(String where, Codec element) {
            super(where);
            this.element = element;
        }

        @Override
        void write(PackedWriter out, Object value) {
            if (!(value instanceof Collection<?> list)) {
                throw mismatch("a List", value);
            }
            Object[] elements = list.toArray();
            out.putInt(elements.length);
            for (Object one : elements) {
                element.write(out, one);
            }
        }

        @Override
        Object read(PackedReader in) {
            Object[] elements = new Object[in.getInt()];
            for (int i = 0; i < elements.length; i++) {
                elements[i] = element.read(in);
            }
            return Collections.unmodifiableList(Arrays.asList(elements));
        }

        @Override
        boolean hasByteLists() {
            return element.hasByteLists();
        }

        @Override
        int size() {
            return 64;
        }
    }

    static final class JavaRecord extends Codec {
        private final Class<?> type;
        private final MethodHandle constructor;
        private final Codec[] codecs;
        private final MethodHandle[] accessors;
        /** The record's component for each field of WIT. */
        private final int[] order;

        JavaRecord(String where, Class<?> type, MethodHandle constructor, List<Codec> codecs,
                List<MethodHandle> accessors, int[] order) {
            super(where);
            this.type = type;
            this.constructor = constructor;
            this.codecs = codecs.toArray(Codec[]::new);
            this.accessors = accessors.toArray(MethodHandle[]::new);
            this.order = order;
        }

        @Override
        void write(PackedWriter out, Object value) {
            if (!type.isInstance(value)) {
                throw mismatch("a " + type.getName(), value);
            }
            for (int i = 0; i < codecs.length; i++) {
                codecs[i].write(out, get(accessors[i], value));
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
            Object[] values = new Object[codecs.length];
            for (int i = 0; i < codecs.length; i++) {
                values[order[i]] = codecs[i].read(in);
            }
            try {
                return (Object) constructor.invokeExact(values);
            } catch (Throwable e) {
                throw Resources.sneaky(e);
            }
        }

        @Override
        boolean hasByteLists() {
            return Arrays.stream(codecs).anyMatch(Codec::hasByteLists);
        }

        @Override
        int size() {
            return Arrays.stream(codecs).mapToInt(Codec::size).sum();
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
        private final Map<Object, Integer> numbers = new HashMap<>();

        Enumeration(String where, Enum<?>[] constants) {
            super(where);
            this.constants = constants;
            Arrays.stream(constants).forEach(constant -> numbers.put(constant, numbers.size()));
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

    static final class Flags extends Codec {
        private final Enum<?>[] constants;
        private final Map<Object, Integer> numbers = new HashMap<>();

        Flags(String where, Enum<?>[] constants) {
            super(where);
            this.constants = constants;
            Arrays.stream(constants).forEach(constant -> numbers.put(constant, numbers.size()));
        }

        @Override
        void write(PackedWriter out, Object value) {
            if (!(value instanceof Set<?> set)) {
                throw mismatch("a Set", value);
            }
            int[] words = new int[(constants.length + 31) / 32];
            for (Object constant : set) {
                Integer number = numbers.get(constant);
                if (number == null) {
                    throw mismatch("some of " + Arrays.toString(constants), constant);
                }
                words[number / 32] |= 1 << number % 32;
            }
            for (int word : words) {
                out.putInt(word);
            }
        }

        @Override
        Object read(PackedReader in) {
            return readSet(in);
        }

        @SuppressWarnings({"unchecked", "rawtypes"})
        private Object readSet(PackedReader in) {
            EnumSet set = EnumSet.noneOf((Class) constants[0].getDeclaringClass());
            for (int start = 0; start < constants.length; start += 32) {
                int word = in.getInt();
                for (int i = start; i < Math.min(constants.length, start + 32); i++) {
                    if ((word >>> i - start & 1) != 0) {
                        set.add(constants[i]);
                    }
                }
            }
            return set;
        }
    }

    static final class Option extends Codec {
        private final Codec codec;
        private final boolean optional;

        /** Null is none unless {@code optional}. */
        Option(String where, Codec codec, boolean optional) {
            super(where);
            this.codec = codec;
            this.optional = optional;
        }

        @Override
        void write(PackedWriter out, Object value) {
            Object present = value;
            if (optional) {
                if (!(value instanceof Optional<?> given)) {
                    throw mismatch("an Optional", value);
                }
                present = given.orElse(null);
            }
            out.putInt(present == null ? 0 : 1);
            if (present != null) {
                codec.write(out, present);
            }
        }

        @Override
        Object read(PackedReader in) {
            Object value = in.getInt() == 0 ? null : codec.read(in);
            return optional ? Optional.ofNullable(value) : value;
        }

        @Override
        boolean hasByteLists() {
            return codec.hasByteLists();
        }

        @Override
        int size() {
            return 4 + codec.size();
        }
    }
}
