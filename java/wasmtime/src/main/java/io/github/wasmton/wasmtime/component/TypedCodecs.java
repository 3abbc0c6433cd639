package io.github.wasmton.wasmtime.component;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.github.wasmton.wasmtime.component.ComponentType.BorrowType;
import io.github.wasmton.wasmtime.component.ComponentType.Case;
import io.github.wasmton.wasmtime.component.ComponentType.EnumType;
import io.github.wasmton.wasmtime.component.ComponentType.Field;
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
import io.github.wasmton.wasmtime.internal.JavaNames;

/** Makes the codecs of values of a user's own classes, which are checked against the types once. */
final class TypedCodecs extends Codecs {
    /** Interfaces that stand for a resource, by the resource's name. */
    private final Map<String, Map<Class<?>, ResourceInterface>> interfaces = new HashMap<>();

    private final Exports exports;

    TypedCodecs(Exports exports) {
        super(exports.resources);
        this.exports = exports;
    }

    /**
     * Makes the codec of a type whose values have a class in Java.
     *
     * @throws IllegalArgumentException if the class does not stand for the type; the message names the first mismatch
     */
    Codec of(ComponentType type, Type java, String where) {
        Class<?> raw = raw(java);
        if (raw == Object.class) {
            return of(type, where);
        }
        if (type instanceof Primitive primitive) {
            return primitive(primitive, raw, where);
        } else if (type instanceof ListType list) {
            if (list.element() == Primitive.U8 || list.element() == Primitive.S8) {
                return check(raw == byte[].class, of(type, where), "byte[]", java);
            }
            check(raw == List.class, null, "a List, but is " + type, where, java);
            return new PartCodecs.Elements(where, of(list.element(), argument(java, 0), where + ", an element"), -1);
        } else if (type instanceof RecordType record) {
            return raw == ComponentRecord.class ? of(type, where) : record(record, raw, where);
        } else if (type instanceof TupleType tuple) {
            return raw == List.class ? of(type, where) : tuple(tuple, raw, java, where);
        } else if (type instanceof VariantType variant) {
            return raw == ComponentVariant.class ? of(type, where) : variant(variant, raw, where);
        } else if (type instanceof EnumType names) {
            return raw == String.class ? of(type, where)
                    : new ClassCodecs.Enumeration(where, constants(names.names(), raw, where));
        } else if (type instanceof FlagsType flags) {
            check(raw == Set.class || raw == EnumSet.class, null, "a Set of an enum", where, java);
            Class<?> element = raw(argument(java, 0));
            return element == String.class ? of(type, where)
                    : new Flags(where, List.of(constants(flags.names(), element, where)), "a Set",
                            set -> enumSet(element, set));
        } else if (type instanceof OptionType option) {
            return option(option, java, raw, where);
        } else if (type instanceof ResultType) {
            check(raw == ComponentResult.class, null, "a ComponentResult", where, java);
            ResultType result = (ResultType) type;
            return new Result(where, result.ok().map(ok -> of(ok, argument(java, 0), where + ", ok")).orElse(null),
                    result.error().map(error -> of(error, argument(java, 1), where + ", error")).orElse(null));
        } else if (type instanceof OwnType || type instanceof BorrowType) {
            Codec codec = of(type, where);
            String name = type instanceof OwnType own ? own.resource() : ((BorrowType) type).resource();
            Class<?> held = resources.classOf(name);
            if (held == ComponentResource.class && raw.isInterface() && !raw.isAssignableFrom(held)) {
                return resourceInterface(raw, name).codec(codec);
            }
            return check(raw.isAssignableFrom(held) || held.isAssignableFrom(raw), codec, held.getName(), java);
        } else if (type instanceof FutureType future) {
            check(raw == CompletableFuture.class || raw == CompletionStage.class, null, "a CompletableFuture", where,
                    java);
            return future(future, where, future.type().map(value -> of(value, argument(java, 0), where + ", value"))
                    .orElse(null));
        } else if (type instanceof StreamType) {
            return check(raw == ComponentStream.class, of(type, where), "a ComponentStream", java);
        }
        return of(type, where);
    }

    /** Returns the interface for a resource. Made once, because its methods may have the resource as a parameter. */
    private ResourceInterface resourceInterface(Class<?> raw, String name) {
        Map<Class<?>, ResourceInterface> known = interfaces.computeIfAbsent(name, any -> new HashMap<>());
        ResourceInterface found = known.get(raw);
        if (found == null) {
            found = new ResourceInterface(raw, name);
            known.put(raw, found);
            found.bind(exports, this);
        }
        return found;
    }

    private static Codec check(boolean fits, Codec codec, String needed, Type java) {
        return check(fits, codec, needed, codec.where, java);
    }

    static Codec check(boolean fits, Codec codec, String needed, String where, Type java) {
        if (!fits) {
            throw mismatch(where, needed, java);
        }
        return codec;
    }

    private static IllegalArgumentException mismatch(String where, String needed, Type java) {
        return new IllegalArgumentException(where + " needs to be " + needed + " in Java, not " + java.getTypeName());
    }

    private Codec primitive(Primitive type, Class<?> raw, String where) {
        Class<?> box = MethodType.methodType(raw).wrap().returnType();
        return switch (type) {
            case BOOL -> check(box == Boolean.class, of(type, where), "boolean", raw);
            case STRING -> check(box == String.class, of(type, where), "String", raw);
            case F32 -> check(box == Float.class, of(type, where), "float", raw);
            case F64 -> check(box == Double.class, of(type, where), "double", raw);
            case CHAR -> check(box == Integer.class, of(type, where), "int, a code point", raw);
            default -> check(NumberCodecs.Whole.room(box) >= NumberCodecs.Whole.width(type),
                    new NumberCodecs.Whole(where, type, box),
                    "a whole number of " + NumberCodecs.Whole.width(type) + " bits or more for " + type, where, raw);
        };
    }

    private Codec option(OptionType option, Type java, Class<?> raw, String where) {
        if (raw == Optional.class) {
            return new Option(where, of(option.type(), argument(java, 0), where), true);
        }
        check(!raw.isPrimitive() && !(option.type() instanceof OptionType), null, "an Optional", where, java);
        return new Option(where, of(option.type(), java, where), false);
    }

    private Codec record(RecordType type, Class<?> raw, String where) {
        check(raw.isRecord(), null, "a record for " + type, where, raw);
        RecordComponent[] components = raw.getRecordComponents();
        List<Codec> codecs = new ArrayList<>();
        List<MethodHandle> accessors = new ArrayList<>();
        int[] order = new int[components.length];
        for (Field field : type.fields()) {
            String name = JavaNames.camel(field.name());
            int at = 0;
            while (at < components.length && !JavaNames.matches(components[at].getName(), name)) {
                at++;
            }
            if (at == components.length) {
                throw new IllegalArgumentException(
                        where + ": the record " + raw.getName() + " has no component '" + name + "' for " + field);
            }
            order[codecs.size()] = at;
            codecs.add(of(field.type(), components[at].getGenericType(), where + ", field '" + field.name() + '\''));
            accessors.add(accessor(raw, components[at]));
        }
        if (components.length != codecs.size()) {
            throw new IllegalArgumentException(where + ": the record " + raw.getName() + " has " + components.length
                    + " components, but WIT has " + type);
        }
        return new ClassCodecs.JavaRecord(where, raw, constructor(raw, components), codecs, accessors, order);
    }

    private Codec tuple(TupleType type, Class<?> raw, Type java, String where) {
        check(raw.isRecord() && raw.getRecordComponents().length == type.types().size(), null,
                "a List, or a record with " + type.types().size() + " components", where, raw);
        RecordComponent[] components = raw.getRecordComponents();
        List<Codec> codecs = new ArrayList<>();
        List<MethodHandle> accessors = new ArrayList<>();
        int[] order = new int[components.length];
        for (int i = 0; i < components.length; i++) {
            order[i] = i;
            codecs.add(of(type.types().get(i), actual(components[i].getGenericType(), raw, java),
                    where + ", part " + i));
            accessors.add(accessor(raw, components[i]));
        }
        return new ClassCodecs.JavaRecord(where, raw, constructor(raw, components), codecs, accessors, order);
    }

    private Codec variant(VariantType type, Class<?> raw, String where) {
        check(raw.isSealed() && raw.isInterface(), null, "a sealed interface of records for " + type, where, raw);
        Class<?>[] classes = raw.getPermittedSubclasses();
        List<ClassCodecs.JavaRecord> cases = new ArrayList<>();
        for (Case one : type.cases()) {
            String name = JavaNames.pascal(one.name());
            Class<?> found = Arrays.stream(classes)
                    .filter(it -> JavaNames.matches(it.getSimpleName(), name)).findAny()
                    .orElseThrow(() -> new IllegalArgumentException(
                            where + ": " + raw.getName() + " permits no record " + name + " for the case " + one));
            List<ComponentType> value = one.type().map(List::of).orElse(List.of());
            check(found.isRecord() && found.getRecordComponents().length == value.size(), null,
                    "a record with " + value.size() + " components", where + ", case '" + one.name() + '\'', found);
            cases.add((ClassCodecs.JavaRecord) tuple(new TupleType(value), found, found,
                    where + ", case '" + one.name() + '\''));
        }
        if (classes.length != cases.size()) {
            throw new IllegalArgumentException(where + ": " + raw.getName() + " permits " + classes.length
                    + " classes, but WIT has " + type);
        }
        return new ClassCodecs.Sealed(where, raw, cases);
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static Set<?> enumSet(Class type, List constants) {
        EnumSet set = EnumSet.noneOf(type);
        set.addAll(constants);
        return set;
    }

    /** Finds an enum's constants, in the order of WIT's names. */
    private static Enum<?>[] constants(List<String> names, Class<?> raw, String where) {
        check(raw.isEnum(), null, "an enum of " + names, where, raw);
        Map<String, Enum<?>> constants = new HashMap<>();
        for (Object constant : raw.getEnumConstants()) {
            constants.put(((Enum<?>) constant).name(), (Enum<?>) constant);
        }
        Enum<?>[] found = names.stream().map(name -> Optional.ofNullable(constants.get(JavaNames.constant(name)))
                .orElseThrow(() -> new IllegalArgumentException(where + ": the enum " + raw.getName()
                        + " has no constant " + JavaNames.constant(name))))
                .toArray(Enum<?>[]::new);
        if (found.length != constants.size()) {
            throw new IllegalArgumentException(
                    where + ": the enum " + raw.getName() + " has other constants than " + names);
        }
        return found;
    }

    static Class<?> raw(Type type) {
        if (type instanceof Class<?> raw) {
            return raw;
        } else if (type instanceof ParameterizedType parameterized) {
            return (Class<?>) parameterized.getRawType();
        } else if (type instanceof WildcardType wildcard) {
            return raw(wildcard.getUpperBounds()[0]);
        }
        return Object.class;
    }

    static Type argument(Type type, int index) {
        return type instanceof ParameterizedType parameterized ? parameterized.getActualTypeArguments()[index]
                : Object.class;
    }

    /** Returns the type of a record's component, with the record's type arguments in place of its parameters. */
    private static Type actual(Type component, Class<?> raw, Type java) {
        int parameter = List.of(raw.getTypeParameters()).indexOf(component);
        return parameter < 0 ? component : argument(java, parameter);
    }

    private static MethodHandle accessor(Class<?> type, RecordComponent component) {
        try {
            MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
            return lookup.unreflect(component.getAccessor()).asType(MethodType.genericMethodType(1));
        } catch (IllegalAccessException e) {
            throw closed(type, e);
        }
    }

    private static MethodHandle constructor(Class<?> type, RecordComponent[] components) {
        Class<?>[] types = Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
            return lookup.findConstructor(type, MethodType.methodType(void.class, types))
                    .asType(MethodType.genericMethodType(types.length)).asSpreader(Object[].class, types.length);
        } catch (IllegalAccessException e) {
            throw closed(type, e);
        } catch (NoSuchMethodException e) {
            throw new AssertionError("every record has that constructor", e);
        }
    }

    static IllegalArgumentException closed(Class<?> type, IllegalAccessException e) {
        return new IllegalArgumentException(type.getName() + " cannot be used from here. Its module has to open "
                + type.getPackageName() + " to io.github.wasmton.wasmtime", e);
    }

    /** Returns whether a class's method is one that stands for a function. */
    static boolean isFunction(Method method) {
        return Modifier.isAbstract(method.getModifiers()) && !method.getDeclaringClass().equals(Object.class);
    }
}
