package io.github.wasmton.wasmtime.component;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** Random values of one large type of WIT, and values with something wrong within. */
final class FuzzValues {
    /** Declarations for {@link #TYPE}. */
    static final String TYPES = """
            (type $r0 (record (field "name" string) (field "data" (list u8)) (field "size" u64)))
            (import "r" (type $r (eq $r0)))
            (type $v0 (variant (case "none") (case "some" $r) (case "char" char)))
            (import "v" (type $v (eq $v0)))
            (type $f0 (flags "a" "b" "c"))
            (import "f" (type $f (eq $f0)))""";
    static final String TYPE = "(tuple $v $f (option $r) (list f32) (result (list $r) (error string)))";

    private FuzzValues() {}

    /** Returns a list of values of the type. */
    static Object values(Random random) {
        List<Object> values = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            values.add(value(random));
        }
        return random.nextInt(50) == 0 ? Map.of() : values;
    }

    /** Returns a value of the type, or one with something wrong somewhere within. */
    static Object value(Random random) {
        Object variant = switch (random.nextInt(3)) {
            case 0 -> new ComponentVariant("none", wrong(random, null));
            case 1 -> new ComponentVariant("some", record(random));
            default -> new ComponentVariant("char", wrong(random, random.nextInt(0xd800)));
        };
        Object result = random.nextBoolean() ? ComponentResult.error(wrong(random, "why"))
                : ComponentResult.ok(List.of(record(random), record(random)));
        Object option = random.nextBoolean() ? Optional.empty() : Optional.of(record(random));
        return wrong(random, List.of(variant, wrong(random, Set.of("b", "c")), option,
                List.of(random.nextFloat(), wrong(random, 1f)), result));
    }

    private static Object record(Random random) {
        return ComponentRecord.of("name", wrong(random, "x".repeat(random.nextInt(100))),
                "data", wrong(random, new byte[random.nextInt(10) == 0 ? 70_000 : random.nextInt(300)]),
                "size", wrong(random, random.nextLong()));
    }

    private static Object wrong(Random random, Object right) {
        return switch (random.nextInt(200)) {
            case 0 -> "\ud800";
            case 1 -> List.of(1, 2);
            case 2 -> -1;
            default -> right;
        };
    }
}
