package io.github.wasmton.wasmtime.testsuite;

import com.fasterxml.jackson.databind.JsonNode;

import io.github.wasmton.wasmtime.AnyRef;
import io.github.wasmton.wasmtime.ArrayRef;
import io.github.wasmton.wasmtime.EqRef;
import io.github.wasmton.wasmtime.Func;
import io.github.wasmton.wasmtime.HostRef;
import io.github.wasmton.wasmtime.I31;
import io.github.wasmton.wasmtime.StructRef;
import io.github.wasmton.wasmtime.V128;

/** The values in the test suite's commands, converted from and to the API's. */
final class Constants {
    /** The Java objects of {@code ref.extern} and {@code ref.host}. */
    record Host(String number) {}

    private Constants() {}

    static Object[] arguments(JsonNode constants) {
        Object[] values = new Object[constants.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = value(constants.get(i));
        }
        return values;
    }

    private static Object value(JsonNode constant) {
        String type = type(constant);
        String value = constant.path("value").asText();
        return switch (type) {
            case "i32" -> (int) Long.parseLong(value);
            case "i64" -> Long.parseLong(value);
            case "f32" -> Float.intBitsToFloat((int) Long.parseLong(value));
            case "f64" -> Double.longBitsToDouble(Long.parseUnsignedLong(value));
            case "v128" -> v128(constant);
            case "externref" -> value.equals("null") ? null : new Host(value);
            case "funcref", "nullref" -> null;
            case "anyref" -> value.equals("null") ? null : new HostRef(new Host(value));
            default -> throw new IllegalArgumentException(constant.toString());
        };
    }

    private static String type(JsonNode constant) {
        return constant.get("type").asText();
    }

    private static V128 v128(JsonNode constant) {
        long[] halves = new long[2];
        JsonNode lanes = constant.get("value");
        int bits = 128 / lanes.size();
        for (int i = 0; i < lanes.size(); i++) {
            String lane = lanes.get(i).asText();
            long value = lane.startsWith("-") ? Long.parseLong(lane) : Long.parseUnsignedLong(lane);
            halves[i * bits / 64] |= (bits == 64 ? value : value & (1L << bits) - 1) << i * bits % 64;
        }
        return new V128(halves[0], halves[1]);
    }

    /** Returns whether a result matches the constant, which may allow a choice. */
    static boolean matches(JsonNode expected, Object actual) {
        String value = expected.path("value").asText();
        return switch (type(expected)) {
            case "i32" -> actual.equals((int) Long.parseLong(value));
            case "i64" -> actual.equals(Long.parseLong(value));
            case "f32" -> matches(32, value, Float.floatToRawIntBits((Float) actual) & 0xFFFF_FFFFL);
            case "f64" -> matches(64, value, Double.doubleToRawLongBits((Double) actual));
            case "v128" -> matches(expected, (V128) actual);
            case "externref" -> value.isEmpty() ? actual != null
                    : value.equals("null") ? actual == null : new Host(value).equals(actual);
            case "anyref" -> value.isEmpty() ? actual instanceof AnyRef
                    : value.equals("null") ? actual == null : new HostRef(new Host(value)).equals(actual);
            case "eqref" -> actual instanceof EqRef;
            case "i31ref" -> actual instanceof I31;
            case "structref" -> actual instanceof StructRef;
            case "arrayref" -> actual instanceof ArrayRef;
            case "funcref" -> value.equals("null") ? actual == null : actual instanceof Func;
            case "refnull", "nullref", "nullfuncref", "nullexternref", "nullexnref", "exnref" -> actual == null;
            case "either" -> {
                for (JsonNode one : expected.get("values")) {
                    if (matches(one, actual)) {
                        yield true;
                    }
                }
                yield false;
            }
            default -> throw new IllegalArgumentException(expected.toString());
        };
    }

    private static boolean matches(JsonNode expected, V128 actual) {
        if (!expected.get("lane_type").asText().startsWith("f")) {
            return v128(expected).equals(actual);
        }
        JsonNode lanes = expected.get("value");
        int bits = 128 / lanes.size();
        for (int i = 0; i < lanes.size(); i++) {
            long half = i * bits < 64 ? actual.low() : actual.high();
            long lane = bits == 64 ? half : half >>> i * bits % 64 & 0xFFFF_FFFFL;
            if (!matches(bits, lanes.get(i).asText(), lane)) {
                return false;
            }
        }
        return true;
    }

    /** Returns whether a NaN is canonical (only the payload's highest bit is set) or arithmetic (that bit is set). */
    private static boolean matches(int bits, String expected, long actual) {
        long canonical = bits == 32 ? 0x7FC0_0000L : 0x7FF8_0000_0000_0000L;
        return switch (expected) {
            case "nan:canonical" -> (actual & (1L << bits - 1) - 1) == canonical;
            case "nan:arithmetic" -> (actual & canonical) == canonical;
            default -> actual == Long.parseUnsignedLong(expected);
        };
    }
}
