package io.github.wasmton.wasmtime.component;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.github.wasmton.wasmtime.component.ComponentType.BorrowType;
import io.github.wasmton.wasmtime.component.ComponentType.Case;
import io.github.wasmton.wasmtime.component.ComponentType.EnumType;
import io.github.wasmton.wasmtime.component.ComponentType.Field;
import io.github.wasmton.wasmtime.component.ComponentType.FixedListType;
import io.github.wasmton.wasmtime.component.ComponentType.FlagsType;
import io.github.wasmton.wasmtime.component.ComponentType.FuncType;
import io.github.wasmton.wasmtime.component.ComponentType.FutureType;
import io.github.wasmton.wasmtime.component.ComponentType.InterfaceType;
import io.github.wasmton.wasmtime.component.ComponentType.ListType;
import io.github.wasmton.wasmtime.component.ComponentType.NamedType;
import io.github.wasmton.wasmtime.component.ComponentType.OptionType;
import io.github.wasmton.wasmtime.component.ComponentType.OwnType;
import io.github.wasmton.wasmtime.component.ComponentType.Primitive;
import io.github.wasmton.wasmtime.component.ComponentType.RecordType;
import io.github.wasmton.wasmtime.component.ComponentType.ResourceType;
import io.github.wasmton.wasmtime.component.ComponentType.ResultType;
import io.github.wasmton.wasmtime.component.ComponentType.StreamType;
import io.github.wasmton.wasmtime.component.ComponentType.TupleType;
import io.github.wasmton.wasmtime.component.ComponentType.UnsupportedType;
import io.github.wasmton.wasmtime.component.ComponentType.VariantType;

/** Reads types from the text that Rust writes, which is that of {@link ComponentType#toString}. */
final class TypeParser {
    private static final Map<String, Primitive> PRIMITIVES = new HashMap<>();

    static {
        for (Primitive primitive : Primitive.values()) {
            PRIMITIVES.put(primitive.toString(), primitive);
        }
    }

    private final String text;
    private int at;

    private TypeParser(String text) {
        this.text = text;
    }

    /** Reads items by name: interface, name and type of each; those of an interface follow it. */
    static Map<String, ComponentType> items(String[] flat) {
        Map<String, ComponentType> items = new LinkedHashMap<>();
        Map<String, Map<String, ComponentType>> interfaces = new HashMap<>();
        for (int i = 0; i < flat.length; i += 3) {
            if (flat[i].isEmpty()) {
                items.put(flat[i + 1], item(flat[i + 2]));
            } else if (flat[i + 1].isEmpty()) {
                interfaces.put(flat[i], new LinkedHashMap<>());
                items.put(flat[i], new InterfaceType(Map.of()));
            } else {
                interfaces.get(flat[i]).put(flat[i + 1], item(flat[i + 2]));
            }
        }
        interfaces.forEach((name, members) -> items.put(name, new InterfaceType(members)));
        return items;
    }

    private static ComponentType item(String text) {
        if (text.startsWith("resource ")) {
            return new ResourceType(text.substring("resource ".length()));
        }
        TypeParser parser = new TypeParser(text);
        if (parser.skip("type ")) {
            return new NamedType(parser.type());
        }
        boolean async = parser.skip("async ");
        return parser.skip("func(") ? parser.func(async) : new UnsupportedType(text);
    }

    private FuncType func(boolean async) {
        List<Field> params = fields(')');
        return new FuncType(params, skip(" -> ") ? Optional.of(type()) : Optional.empty(), async);
    }

    private ComponentType type() {
        String word = word();
        return switch (word) {
            case "list" -> list();
            case "tuple" -> new TupleType(types());
            case "option" -> new OptionType(types().get(0));
            case "result" -> result();
            case "future" -> new FutureType(maybeType());
            case "stream" -> new StreamType(maybeType());
            case "record" -> {
                expect("{");
                yield new RecordType(fields('}'));
            }
            case "variant" -> new VariantType(cases());
            case "enum" -> new EnumType(names());
            case "flags" -> new FlagsType(names());
            case "own" -> new OwnType(resource());
            case "borrow" -> new BorrowType(resource());
            case "map" -> new UnsupportedType("map<" + types().get(0) + ", _>");
            default -> PRIMITIVES.containsKey(word) ? PRIMITIVES.get(word) : new UnsupportedType(word);
        };
    }

    private ComponentType list() {
        expect("<");
        ComponentType element = type();
        if (skip(", ")) {
            int length = Integer.parseUnsignedInt(word());
            expect(">");
            return new FixedListType(element, length);
        }
        expect(">");
        return new ListType(element);
    }

    private ResultType result() {
        if (!skip("<")) {
            return new ResultType(Optional.empty(), Optional.empty());
        }
        Optional<ComponentType> ok = skip("_") ? Optional.empty() : Optional.of(type());
        Optional<ComponentType> error = skip(", ") ? Optional.of(type()) : Optional.empty();
        expect(">");
        return new ResultType(ok, error);
    }

    private Optional<ComponentType> maybeType() {
        if (!skip("<")) {
            return Optional.empty();
        }
        ComponentType type = type();
        expect(">");
        return Optional.of(type);
    }

    private List<ComponentType> types() {
        expect("<");
        List<ComponentType> types = new ArrayList<>();
        do {
            types.add(type());
        } while (skip(", "));
        expect(">");
        return types;
    }

    private List<Field> fields(char end) {
        List<Field> fields = new ArrayList<>();
        while (!skip(String.valueOf(end))) {
            skip(", ");
            String name = word();
            expect(": ");
            fields.add(new Field(name, type()));
        }
        return fields;
    }

    private List<Case> cases() {
        expect("{");
        List<Case> cases = new ArrayList<>();
        while (!skip("}")) {
            skip(", ");
            String name = word();
            Optional<ComponentType> type = Optional.empty();
            if (skip("(")) {
                type = Optional.of(type());
                expect(")");
            }
            cases.add(new Case(name, type));
        }
        return cases;
    }

    private List<String> names() {
        expect("{");
        List<String> names = new ArrayList<>();
        while (!skip("}")) {
            skip(", ");
            names.add(word());
        }
        return names;
    }

    private String resource() {
        expect("<");
        int end = text.indexOf('>', at);
        String name = text.substring(at, end);
        at = end + 1;
        return name;
    }

    /** Reads a name, as far as the next sign of the syntax. */
    private String word() {
        int start = at;
        while (at < text.length() && "<>(){},: ".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        return text.substring(start, at);
    }

    private boolean skip(String expected) {
        boolean found = text.startsWith(expected, at);
        at += found ? expected.length() : 0;
        return found;
    }

    private void expect(String expected) {
        if (!skip(expected)) {
            throw new IllegalStateException("the type is not as expected at " + at + ": " + text);
        }
    }
}
