package io.github.wasmton.wasmtime.component;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

import io.github.wasmton.wasmtime.component.ComponentType.BorrowType;
import io.github.wasmton.wasmtime.component.ComponentType.Case;
import io.github.wasmton.wasmtime.component.ComponentType.EnumType;
import io.github.wasmton.wasmtime.component.ComponentType.Field;
import io.github.wasmton.wasmtime.component.ComponentType.FixedListType;
import io.github.wasmton.wasmtime.component.ComponentType.FlagsType;
import io.github.wasmton.wasmtime.component.ComponentType.FutureType;
import io.github.wasmton.wasmtime.component.ComponentType.ListType;
import io.github.wasmton.wasmtime.component.ComponentType.OptionType;
import io.github.wasmton.wasmtime.component.ComponentType.OwnType;
import io.github.wasmton.wasmtime.component.ComponentType.Primitive;
import io.github.wasmton.wasmtime.component.ComponentType.RecordType;
import io.github.wasmton.wasmtime.component.ComponentType.ResultType;
import io.github.wasmton.wasmtime.component.ComponentType.StreamType;
import io.github.wasmton.wasmtime.component.ComponentType.TupleType;
import io.github.wasmton.wasmtime.component.ComponentType.VariantType;

/** Makes the codecs of values without a class of the user's: docs/components.md has the table. */
class Codecs {
    final Resources resources;

    Codecs(Resources resources) {
        this.resources = resources;
    }

    /**
     * Makes the codec of a type.
     *
     * @throws UnsupportedOperationException if Java has no values of the type
     */
    Codec of(ComponentType type, String where) {
        if (type instanceof Primitive primitive) {
            return primitive(primitive, where);
        } else if (type instanceof ListType list) {
            boolean bytes = list.element() == Primitive.U8 || list.element() == Primitive.S8;
            return bytes ? new Bytes(where)
                    : new PartCodecs.Elements(where, of(list.element(), where + ", an element"), -1);
        } else if (type instanceof FixedListType list) {
            return new PartCodecs.Elements(where, of(list.element(), where + ", an element"), list.length());
        } else if (type instanceof TupleType tuple) {
            List<Codec> parts = new ArrayList<>();
            for (ComponentType part : tuple.types()) {
                parts.add(of(part, where + ", part " + parts.size()));
            }
            return new PartCodecs.Tuple(where, parts);
        } else if (type instanceof RecordType record) {
            List<Codec> fields = new ArrayList<>();
            for (Field field : record.fields()) {
                fields.add(of(field.type(), where + ", field '" + field.name() + '\''));
            }
            return new PartCodecs.RecordCodec(where, record.fields().stream().map(Field::name).toList(), fields);
        } else if (type instanceof VariantType variant) {
            List<Codec> cases = new ArrayList<>();
            for (Case one : variant.cases()) {
                cases.add(one.type().map(value -> of(value, where + ", case '" + one.name() + '\'')).orElse(null));
            }
            return new Variant(where, variant.cases().stream().map(Case::name).toList(), cases);
        } else if (type instanceof EnumType names) {
            return new Enumeration(where, names.names());
        } else if (type instanceof FlagsType flags) {
            return new Flags(where, flags.names(), "a Set of Strings",
                    set -> Collections.unmodifiableSet(new LinkedHashSet<>(set)));
        } else if (type instanceof OptionType option) {
            return new Option(where, of(option.type(), where), true);
        } else if (type instanceof ResultType result) {
            return new Result(where, result.ok().map(ok -> of(ok, where + ", ok")).orElse(null),
                    result.error().map(error -> of(error, where + ", error")).orElse(null));
        } else if (type instanceof OwnType own) {
            return resources.codec(where, own.resource(), true);
        } else if (type instanceof BorrowType borrow) {
            return resources.codec(where, borrow.resource(), false);
        } else if (type instanceof FutureType future) {
            return future(future, where, future.type().map(value -> of(value, where + ", value")).orElse(null));
        } else if (type instanceof StreamType stream) {
            return stream(stream, where);
        }
        throw unsupported(where, type);
    }

    private static UnsupportedOperationException unsupported(String where, ComponentType type) {
        return new UnsupportedOperationException(where + ": Java has no values of the type " + type);
    }

    /** Makes the codec of a future from that of its value. */
    final Codec future(FutureType type, String where, Codec value) {
        if (value == null) {
            throw unsupported(where, type);
        }
        return new AsyncCodecs.FutureCodec(where, value);
    }

    /** Makes the codec of a stream. */
    final Codec stream(StreamType type, String where) {
        if (!type.element().equals(Optional.of(Primitive.U8))) {
            throw unsupported(where, type);
        }
        return new AsyncCodecs.StreamCodec(where);
    }

    private static Codec primitive(Primitive type, String where) {
        return switch (type) {
            case BOOL -> new NumberCodecs.Bool(where);
            case CHAR -> new NumberCodecs.Char(where);
            case STRING -> new Text(where);
            case F32 -> new NumberCodecs.Float32(where);
            case F64 -> new NumberCodecs.Float64(where);
            default -> new NumberCodecs.Whole(where, type);
        };
    }

    private static final class Text extends Codec {
        Text(String where) {
            super(where);
        }

        @Override
        void write(PackedWriter out, Object value) {
            if (!(value instanceof String string)) {
                throw mismatch("a String", value);
            }
            out.putString(string);
        }

        @Override
        Object read(PackedReader in) {
            return in.getString();
        }

        @Override
        int size() {
            return 48;
        }
    }

    private static final class Bytes extends Codec {
        Bytes(String where) {
            super(where);
        }

        @Override
        void write(PackedWriter out, Object value) {
            if (!(value instanceof byte[] bytes)) {
                throw mismatch("a byte[]", value);
            }
            out.putBytes(bytes);
        }

        @Override
        Object read(PackedReader in) {
            return in.getBytes();
        }

        @Override
        boolean hasByteLists() {
            return true;
        }

        @Override
        int size() {
            return 48;
        }
    }

    /** Returns the numbers of cases, or of an enum's values and flags, by name or constant. */
    static <T> Map<Object, Integer> numbers(List<T> names) {
        Map<Object, Integer> numbers = new HashMap<>();
        for (T name : names) {
            numbers.put(name, numbers.size());
        }
        return numbers;
    }

    private static final class Variant extends Codec {
        private final List<String> names;
        private final Map<Object, Integer> numbers;
        private final List<Codec> cases;

        Variant(String where, List<String> names, List<Codec> cases) {
            super(where);
            this.names = names;
            this.numbers = numbers(names);
            this.cases = cases;
        }

        @Override
        void write(PackedWriter out, Object value) {
            if (!(value instanceof ComponentVariant variant)) {
                throw mismatch("a ComponentVariant", value);
            }
            Integer number = numbers.get(variant.name());
            if (number == null) {
                throw new IllegalArgumentException(where + " has no case '" + variant.name() + "'; there are " + names);
            }
            out.putInt(number);
            Codec codec = cases.get(number);
            if (codec != null) {
                codec.write(out, variant.value());
            } else if (variant.value() != null) {
                throw new IllegalArgumentException(where + ": the case '" + variant.name() + "' has no value");
            }
        }

        @Override
        Object read(PackedReader in) {
            int number = in.getInt();
            Codec codec = cases.get(number);
            return new ComponentVariant(names.get(number), codec == null ? null : codec.read(in));
        }

        @Override
        boolean hasByteLists() {
            return cases.stream().anyMatch(one -> one != null && one.hasByteLists());
        }

        @Override
        int size() {
            return 4 + cases.stream().mapToInt(one -> one == null ? 0 : one.size()).max().orElse(0);
        }
    }

    private static final class Enumeration extends Codec {
        private final List<String> names;
        private final Map<Object, Integer> numbers;

        Enumeration(String where, List<String> names) {
            super(where);
            this.names = names;
            this.numbers = numbers(names);
        }

        @Override
        void write(PackedWriter out, Object value) {
            if (!(value instanceof String name)) {
                throw mismatch("a String", value);
            }
            Integer number = numbers.get(name);
            if (number == null) {
                throw mismatch("one of " + names, value);
            }
            out.putInt(number);
        }

        @Override
        Object read(PackedReader in) {
            return names.get(in.getInt());
        }
    }

    /** A set of flags: of names, or of an enum's constants. */
    static final class Flags extends Codec {
        private final List<?> members;
        private final Map<Object, Integer> numbers;
        private final String needed;
        private final Function<List<?>, Set<?>> toSet;

        /** Takes what stands for each flag, what a value has to be in messages, and what makes the set to return. */
        Flags(String where, List<?> members, String needed, Function<List<?>, Set<?>> toSet) {
            super(where);
            this.members = members;
            this.numbers = numbers(members);
            this.needed = needed;
            this.toSet = toSet;
        }

        @Override
        void write(PackedWriter out, Object value) {
            if (!(value instanceof Set<?> set)) {
                throw mismatch(needed, value);
            }
            int[] words = new int[(members.size() + 31) / 32];
            for (Object member : set) {
                Integer number = numbers.get(member);
                if (number == null) {
                    throw mismatch("some of " + members, member);
                }
                words[number / 32] |= 1 << number % 32;
            }
            for (int word : words) {
                out.putInt(word);
            }
        }

        @Override
        Object read(PackedReader in) {
            List<Object> set = new ArrayList<>();
            for (int start = 0; start < members.size(); start += 32) {
                int word = in.getInt();
                for (int i = start; i < Math.min(members.size(), start + 32); i++) {
                    if ((word >>> i - start & 1) != 0) {
                        set.add(members.get(i));
                    }
                }
            }
            return toSet.apply(set);
        }

        @Override
        int size() {
            return 4 * (members.size() / 32 + 1);
        }
    }

    static final class Option extends Codec {
        private final Codec codec;
        private final boolean optional;

        /** Makes the codec of an {@code Optional}, or, if it is not {@code optional}, of a value or null. */
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

    static final class Result extends Codec {
        private final Codec[] codecs;

        Result(String where, Codec ok, Codec error) {
            super(where);
            codecs = new Codec[] {ok, error};
        }

        @Override
        void write(PackedWriter out, Object value) {
            if (!(value instanceof ComponentResult<?, ?> result)) {
                throw mismatch("a ComponentResult", value);
            }
            int number = result.isError() ? 1 : 0;
            out.putInt(number);
            if (codecs[number] != null) {
                codecs[number].write(out, result.either());
            } else if (result.either() != null) {
                throw new IllegalArgumentException(where + ": " + (number == 0 ? "ok" : "error") + " has no value");
            }
        }

        @Override
        Object read(PackedReader in) {
            int number = in.getInt();
            Object value = codecs[number] == null ? null : codecs[number].read(in);
            return number == 1 ? ComponentResult.error(value) : ComponentResult.ok(value);
        }

        @Override
        boolean hasByteLists() {
            return Arrays.stream(codecs).anyMatch(one -> one != null && one.hasByteLists());
        }

        @Override
        int size() {
            return 4 + Arrays.stream(codecs).mapToInt(one -> one == null ? 0 : one.size()).max().orElse(0);
        }
    }
}
