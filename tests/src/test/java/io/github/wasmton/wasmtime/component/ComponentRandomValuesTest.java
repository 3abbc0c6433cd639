package io.github.wasmton.wasmtime.component;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;

import org.junit.jupiter.api.Test;

import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.Store;

/** Random values of random types cross both ways and come back as they were. */
class ComponentRandomValuesTest {
    private static final int TYPES = 60;
    private static final int VALUES = 20;

    /** A type in the text format, and its random values. */
    private record Values(String type, Supplier<Object> next) {}

    private final Random random = new Random(16);

    private Values values(int depth) {
        int kind = random.nextInt(depth == 0 ? 11 : 16);
        switch (kind) {
            case 0:
                return new Values("bool", random::nextBoolean);
            case 1:
                return new Values("s8", () -> (byte) random.nextInt());
            case 2:
                return new Values("u8", () -> (short) random.nextInt(256));
            case 3:
                return new Values("s16", () -> (short) random.nextInt());
            case 4:
                return new Values("u16", () -> random.nextInt(65536));
            case 5:
                return new Values("s32", random::nextInt);
            case 6:
                return new Values("u32", () -> random.nextInt() & 0xffff_ffffL);
            case 7:
                return new Values("u64", random::nextLong);
            case 8:
                return new Values("f32", random::nextFloat);
            case 9:
                return new Values("f64", random::nextDouble);
            case 10:
                return new Values("string", () -> "ä".repeat(random.nextInt(40)));
            case 11: {
                Values element = values(depth - 1);
                boolean bytes = element.type.equals("u8") || element.type.equals("s8");
                return new Values("(list " + element.type + ')', bytes ? () -> bytes() : () -> list(element));
            }
            case 12: {
                Values value = values(depth - 1);
                return new Values("(option " + value.type + ')',
                        () -> random.nextBoolean() ? Optional.empty() : Optional.of(value.next.get()));
            }
            case 13: {
                Values ok = values(depth - 1);
                Values error = values(depth - 1);
                return new Values("(result " + ok.type + " (error " + error.type + "))", () -> random.nextBoolean()
                        ? ComponentResult.ok(ok.next.get()) : ComponentResult.error(error.next.get()));
            }
            default: {
                List<Values> parts = new ArrayList<>();
                StringBuilder type = new StringBuilder("(tuple");
                for (int i = random.nextInt(6); i >= 0; i--) {
                    parts.add(values(depth - 1));
                    type.append(' ').append(parts.get(parts.size() - 1).type);
                }
                return new Values(type.append(')').toString(), () -> parts.stream().map(it -> it.next.get()).toList());
            }
        }
    }

    private byte[] bytes() {
        byte[] bytes = new byte[random.nextInt(3000)];
        random.nextBytes(bytes);
        return bytes;
    }

    private List<Object> list(Values element) {
        List<Object> list = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            list.add(element.next.get());
        }
        return list;
    }

    /** Makes arrays comparable. */
    private static Object plain(Object value) {
        if (value instanceof byte[] bytes) {
            return Arrays.toString(bytes);
        } else if (value instanceof List<?> list) {
            return list.stream().map(ComponentRandomValuesTest::plain).toList();
        } else if (value instanceof Optional<?> optional) {
            return optional.map(ComponentRandomValuesTest::plain);
        } else if (value instanceof ComponentResult<?, ?> result) {
            return new ComponentResult<>(result.isError(), plain(result.value()), plain(result.error()));
        }
        return value;
    }

    @Test
    void randomValuesComeBackAsTheyWere() {
        try (Engine engine = new Engine()) {
            for (int i = 0; i < TYPES; i++) {
                Values values = values(4);
                if (values.type.equals("u8") || values.type.equals("s8")) {
                    continue;  // a list of them is an array
                }
                List<Object> passed = new ArrayList<>();
                try (Store store = new Store(engine);
                     Component component = Component.fromWat(engine, ComponentWat.echo("", values.type))) {
                    ComponentInstance instance = new ComponentLinker().define("pong", args -> null)
                            .define("host", args -> {
                                passed.add(args[0]);
                                return null;
                            }).instantiate(store, component);
                    for (int j = 0; j < VALUES; j++) {
                        List<Object> sent = list(values);
                        assertEquals(plain(sent), plain(instance.getFunc("echo").call(sent)), values.type);
                        passed.clear();
                        sent.forEach(instance.getFunc("pass")::call);
                        assertEquals(plain(sent), plain(passed), values.type);
                    }
                }
            }
        }
    }
}
