package io.github.wasmton.wasmtime.component;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The type of something that a component imports or exports, or of a value. Its text is as WIT writes it, but for
 * records and the like, which have no names in a component: their parts are written out, as in {@code record{name:
 * string, age: u8}}.
 */
public sealed interface ComponentType {
    /** A type of values without parts. */
    enum Primitive implements ComponentType {
        BOOL, S8, U8, S16, U16, S32, U32, S64, U64, F32, F64, CHAR, STRING;

        private final String text = name().toLowerCase(java.util.Locale.ROOT);

        @Override
        public String toString() {
            return text;
        }
    }

    /**
     * A list.
     *
     * @param element the type of its elements
     */
    record ListType(ComponentType element) implements ComponentType {
        public ListType {
            Objects.requireNonNull(element, "element");
        }

        @Override
        public String toString() {
            return "list<" + element + '>';
        }
    }

    /**
     * A list of a fixed length.
     *
     * @param element the type of its elements
     * @param length  the number of its elements
     */
    record FixedListType(ComponentType element, int length) implements ComponentType {
        public FixedListType {
            Objects.requireNonNull(element, "element");
        }

        @Override
        public String toString() {
            return "list<" + element + ", " + length + '>';
        }
    }

    /**
     * A tuple.
     *
     * @param types the types of its parts
     */
    record TupleType(List<ComponentType> types) implements ComponentType {
        public TupleType {
            types = List.copyOf(types);
        }

        @Override
        public String toString() {
            return types.stream().map(Object::toString).collect(Collectors.joining(", ", "tuple<", ">"));
        }
    }

    /**
     * A field of a record, or a parameter of a function.
     *
     * @param name its name
     * @param type its type
     */
    record Field(String name, ComponentType type) {
        public Field {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(type, "type");
        }

        @Override
        public String toString() {
            return name + ": " + type;
        }
    }

    /**
     * A record.
     *
     * @param fields its fields
     */
    record RecordType(List<Field> fields) implements ComponentType {
        public RecordType {
            fields = List.copyOf(fields);
        }

        @Override
        public String toString() {
            return fields.stream().map(Object::toString).collect(Collectors.joining(", ", "record{", "}"));
        }
    }

    /**
     * A case of a variant.
     *
     * @param name its name
     * @param type the type of its value; empty if it has none
     */
    record Case(String name, Optional<ComponentType> type) {
        public Case {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(type, "type");
        }

        @Override
        public String toString() {
            return name + type.map(type -> "(" + type + ')').orElse("");
        }
    }

    /**
     * A variant.
     *
     * @param cases its cases
     */
    record VariantType(List<Case> cases) implements ComponentType {
        public VariantType {
            cases = List.copyOf(cases);
        }

        @Override
        public String toString() {
            return cases.stream().map(Object::toString).collect(Collectors.joining(", ", "variant{", "}"));
        }
    }

    /**
     * An enum.
     *
     * @param names the names of its values
     */
    record EnumType(List<String> names) implements ComponentType {
        public EnumType {
            names = List.copyOf(names);
        }

        @Override
        public String toString() {
            return "enum{" + String.join(", ", names) + '}';
        }
    }

    /**
     * A set of flags.
     *
     * @param names their names
     */
    record FlagsType(List<String> names) implements ComponentType {
        public FlagsType {
            names = List.copyOf(names);
        }

        @Override
        public String toString() {
            return "flags{" + String.join(", ", names) + '}';
        }
    }

    /**
     * A value or none.
     *
     * @param type the type of the value
     */
    record OptionType(ComponentType type) implements ComponentType {
        public OptionType {
            Objects.requireNonNull(type, "type");
        }

        @Override
        public String toString() {
            return "option<" + type + '>';
        }
    }

    /**
     * A success or an error.
     *
     * @param ok    the type of a success's value; empty if it has none
     * @param error the type of an error's value; empty if it has none
     */
    record ResultType(Optional<ComponentType> ok, Optional<ComponentType> error) implements ComponentType {
        public ResultType {
            Objects.requireNonNull(ok, "ok");
            Objects.requireNonNull(error, "error");
        }

        @Override
        public String toString() {
            if (error.isPresent()) {
                return "result<" + ok.map(Object::toString).orElse("_") + ", " + error.get() + '>';
            }
            return ok.map(type -> "result<" + type + '>').orElse("result");
        }
    }

    /**
     * A resource that changes its owner.
     *
     * @param resource the resource's name, as in {@code example:store/types@1.0.0#connection}
     */
    record OwnType(String resource) implements ComponentType {
        public OwnType {
            Objects.requireNonNull(resource, "resource");
        }

        @Override
        public String toString() {
            return "own<" + resource + '>';
        }
    }

    /**
     * A resource that is lent for a call.
     *
     * @param resource the resource's name, as in {@code example:store/types@1.0.0#connection}
     */
    record BorrowType(String resource) implements ComponentType {
        public BorrowType {
            Objects.requireNonNull(resource, "resource");
        }

        @Override
        public String toString() {
            return "borrow<" + resource + '>';
        }
    }

    /**
     * A value that comes later.
     *
     * @param type the type of the value; empty if it has none
     */
    record FutureType(Optional<ComponentType> type) implements ComponentType {
        public FutureType {
            Objects.requireNonNull(type, "type");
        }

        @Override
        public String toString() {
            return type.map(type -> "future<" + type + '>').orElse("future");
        }
    }

    /**
     * Values that come one after the other.
     *
     * @param element the type of a value; empty if they have none
     */
    record StreamType(Optional<ComponentType> element) implements ComponentType {
        public StreamType {
            Objects.requireNonNull(element, "element");
        }

        @Override
        public String toString() {
            return element.map(type -> "stream<" + type + '>').orElse("stream");
        }
    }

    /**
     * A function.
     *
     * @param params its parameters
     * @param result the type of its result; empty if it has none
     * @param async  true for an {@code async func}
     */
    record FuncType(List<Field> params, Optional<ComponentType> result, boolean async) implements ComponentType {
        public FuncType {
            params = List.copyOf(params);
            Objects.requireNonNull(result, "result");
        }

        @Override
        public String toString() {
            return params.stream().map(Object::toString)
                    .collect(Collectors.joining(", ", async ? "async func(" : "func(", ")"))
                    + result.map(type -> " -> " + type).orElse("");
        }
    }

    /**
     * An interface, or an instance of another kind.
     *
     * @param items its functions, types and resources by name
     */
    record InterfaceType(Map<String, ComponentType> items) implements ComponentType {
        public InterfaceType {
            items = Collections.unmodifiableMap(new LinkedHashMap<>(items));
        }

        @Override
        public String toString() {
            return items.entrySet().stream().map(item -> item.getKey() + ": " + item.getValue())
                    .collect(Collectors.joining("; ", "interface{", "}"));
        }
    }

    /**
     * A resource type.
     *
     * @param name its name, with the interface that it belongs to
     */
    record ResourceType(String name) implements ComponentType {
        public ResourceType {
            Objects.requireNonNull(name, "name");
        }

        @Override
        public String toString() {
            return "resource " + name;
        }
    }

    /**
     * A type that an import or export gives a name.
     *
     * @param type the type
     */
    record NamedType(ComponentType type) implements ComponentType {
        public NamedType {
            Objects.requireNonNull(type, "type");
        }

        @Override
        public String toString() {
            return "type " + type;
        }
    }

    /**
     * A type that Java cannot use: a map, an error context, a core module.
     *
     * @param text how it is written
     */
    record UnsupportedType(String text) implements ComponentType {
        public UnsupportedType {
            Objects.requireNonNull(text, "text");
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
