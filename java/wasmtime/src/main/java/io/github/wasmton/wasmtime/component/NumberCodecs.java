package io.github.wasmton.wasmtime.component;

import io.github.wasmton.wasmtime.component.ComponentType.Primitive;

/** Codecs of booleans, numbers and chars. */
final class NumberCodecs {
    private NumberCodecs() {}

    /** Values that cross as the bits of a number. */
    private abstract static class Bits extends Codec {
        private final int width;

        /** Takes the width in bits: 8, 16, 32 or 64. */
        Bits(String where, int width) {
            super(where);
            this.width = width;
        }

        @Override
        final boolean isNumber() {
            return true;
        }

        @Override
        abstract long toLong(Object value);

        /** Returns the value of a number's lowest bits; those above its width may be anything. */
        @Override
        abstract Object fromLong(long bits);

        @Override
        final void write(PackedWriter out, Object value) {
            long bits = toLong(value);
            switch (width) {
                case 8 -> out.putByte((int) bits);
                case 16 -> out.putShort((int) bits);
                case 32 -> out.putInt((int) bits);
                default -> out.putLong(bits);
            }
        }

        @Override
        final Object read(PackedReader in) {
            return fromLong(switch (width) {
                case 8 -> in.getByte();
                case 16 -> in.getShort();
                case 32 -> in.getInt();
                default -> in.getLong();
            });
        }
    }

    static final class Bool extends Bits {
        Bool(String where) {
            super(where, 8);
        }

        @Override
        long toLong(Object value) {
            if (!(value instanceof Boolean bool)) {
                throw mismatch("a Boolean", value);
            }
            return bool ? 1 : 0;
        }

        @Override
        Object fromLong(long bits) {
            return bits != 0;
        }
    }

    /**
     * A whole number. Any of Java's will do that the type has room for. An unsigned one is held as its bits by a class
     * of the same width.
     */
    static final class Whole extends Bits {
        private final Primitive type;
        private final Class<?> box;
        private final long mask;
        private final long least;
        private final long most;

        /** Takes the class of the numbers that come from the component, whose {@link #room} is enough for the type. */
        Whole(String where, Primitive type, Class<?> box) {
            super(where, width(type));
            this.type = type;
            this.box = box;
            int width = width(type);
            boolean signed = type.name().charAt(0) == 'S';
            mask = signed || width == Long.SIZE ? -1 : (1L << width) - 1;
            boolean unsigned = !signed && room(box) > width;
            least = unsigned ? 0 : -1L << width - 1;
            most = unsigned ? mask : ~least;
        }

        /** Makes the codec of numbers that come in Java's smallest class with room for all values; u64 in a Long. */
        Whole(String where, Primitive type) {
            this(where, type, switch (type) {
                case S8 -> Byte.class;
                case U8, S16 -> Short.class;
                case U16, S32 -> Integer.class;
                default -> Long.class;
            });
        }

        static int width(Primitive type) {
            return Integer.parseInt(type.name().substring(1));
        }

        /** Returns the bits that a class of whole numbers has; 0 for any other class. */
        static int room(Class<?> box) {
            return box == Byte.class ? Byte.SIZE : box == Short.class ? Short.SIZE
                    : box == Integer.class ? Integer.SIZE : box == Long.class ? Long.SIZE : 0;
        }

        @Override
        long toLong(Object value) {
            if (!(value instanceof Number) || room(value.getClass()) == 0) {
                throw mismatch("a whole number (" + type + ')', value);
            }
            long number = ((Number) value).longValue();
            if (number < least || number > most) {
                throw mismatch("a whole number from " + least + " to " + most + " (" + type + ')', value);
            }
            return number;
        }

        @Override
        Object fromLong(long bits) {
            long number = bits & mask;
            if (box == Integer.class) {
                return (int) number;
            } else if (box == Long.class) {
                return number;
            }
            return box == Byte.class ? (Object) (byte) number : (Object) (short) number;
        }
    }

    static final class Float32 extends Bits {
        Float32(String where) {
            super(where, 32);
        }

        @Override
        long toLong(Object value) {
            if (!(value instanceof Float number)) {
                throw mismatch("a Float", value);
            }
            return Float.floatToRawIntBits(number);
        }

        @Override
        Object fromLong(long bits) {
            return Float.intBitsToFloat((int) bits);
        }
    }

    static final class Float64 extends Bits {
        Float64(String where) {
            super(where, 64);
        }

        @Override
        long toLong(Object value) {
            if (!(value instanceof Double number)) {
                throw mismatch("a Double", value);
            }
            return Double.doubleToRawLongBits(number);
        }

        @Override
        Object fromLong(long bits) {
            return Double.longBitsToDouble(bits);
        }
    }

    static final class Char extends Bits {
        Char(String where) {
            super(where, 32);
        }

        @Override
        long toLong(Object value) {
            int point;
            if (value instanceof Integer number) {
                point = number;
            } else if (value instanceof Character character) {
                point = character;
            } else {
                throw mismatch("an Integer, the code point of a char", value);
            }
            if (!Character.isValidCodePoint(point) || point >= Character.MIN_SURROGATE
                    && point <= Character.MAX_SURROGATE) {
                throw mismatch("a code point that is not a surrogate", value);
            }
            return point;
        }

        @Override
        Object fromLong(long bits) {
            return (int) bits;
        }
    }
}
