package io.github.wasmton.wasmtime.component;

import io.github.wasmton.wasmtime.component.ComponentType.Primitive;

/** Codecs of booleans, numbers and chars. */
final class NumberCodecs {
    private NumberCodecs() {}

    static final class Bool extends Codec {
        Bool(String where) {
            super(where);
        }

        @Override
        boolean isNumber() {
            return true;
        }

        @Override
        void write(PackedWriter out, Object value) {
            out.putByte((int) toLong(value));
        }

        @Override
        Object read(PackedReader in) {
            return in.getByte() != 0;
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

    /** A whole number. Any of Java's will do that the type has room for. */
    static final class Whole extends Codec {
        private final Primitive type;
        private final long least;
        private final long most;

        Whole(String where, Primitive type) {
            super(where);
            this.type = type;
            long[] range = switch (type) {
                case S8 -> new long[] {Byte.MIN_VALUE, Byte.MAX_VALUE};
                case U8 -> new long[] {0, 0xff};
                case S16 -> new long[] {Short.MIN_VALUE, Short.MAX_VALUE};
                case U16 -> new long[] {0, 0xffff};
                case S32 -> new long[] {Integer.MIN_VALUE, Integer.MAX_VALUE};
                case U32 -> new long[] {0, 0xffff_ffffL};
                default -> new long[] {Long.MIN_VALUE, Long.MAX_VALUE};
            };
            least = range[0];
            most = range[1];
        }

        @Override
        boolean isNumber() {
            return true;
        }

        @Override
        long toLong(Object value) {
            long number;
            if (value instanceof Integer || value instanceof Long || value instanceof Short || value instanceof Byte) {
                number = ((Number) value).longValue();
            } else {
                throw mismatch("a whole number (" + type + ')', value);
            }
            if (number < least || number > most) {
                throw mismatch("a whole number from " + least + " to " + most + " (" + type + ')', value);
            }
            return number;
        }

        @Override
        void write(PackedWriter out, Object value) {
            long number = toLong(value);
            switch (type) {
                case S8, U8 -> out.putByte((int) number);
                case S16, U16 -> out.putShort((int) number);
                case S32, U32 -> out.putInt((int) number);
                default -> out.putLong(number);
            }
        }

        @Override
        Object read(PackedReader in) {
            return switch (type) {
                case S8 -> in.getByte();
                case U8 -> (short) (in.getByte() & 0xff);
                case S16 -> in.getShort();
                case U16 -> in.getShort() & 0xffff;
                case S32 -> in.getInt();
                case U32 -> in.getInt() & 0xffff_ffffL;
                default -> in.getLong();
            };
        }

        @Override
        Object fromLong(long bits) {
            return switch (type) {
                case S8 -> (byte) bits;
                case U8, S16 -> (short) bits;
                case U16, S32 -> (int) bits;
                default -> bits;
            };
        }
    }

    static final class Float32 extends Codec {
        Float32(String where) {
            super(where);
        }

        @Override
        boolean isNumber() {
            return true;
        }

        @Override
        void write(PackedWriter out, Object value) {
            out.putInt((int) toLong(value));
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

        @Override
        Object read(PackedReader in) {
            return Float.intBitsToFloat(in.getInt());
        }
    }

    static final class Float64 extends Codec {
        Float64(String where) {
            super(where);
        }

        @Override
        boolean isNumber() {
            return true;
        }

        @Override
        void write(PackedWriter out, Object value) {
            out.putLong(toLong(value));
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

        @Override
        Object read(PackedReader in) {
            return Double.longBitsToDouble(in.getLong());
        }
    }

    static final class Char extends Codec {
        Char(String where) {
            super(where);
        }

        @Override
        boolean isNumber() {
            return true;
        }

        @Override
        void write(PackedWriter out, Object value) {
            out.putInt((int) toLong(value));
        }

        @Override
        Object fromLong(long bits) {
            return (int) bits;
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
        Object read(PackedReader in) {
            return in.getInt();
        }
    }

    /** A whole number in a class of a user's choice. One with the same bits holds unsigned numbers as bits. */
    static final class TypedWhole extends Codec {
        private final int bits;
        private final boolean signed;
        private final Class<?> box;
        private final long least;
        private final long most;

        TypedWhole(String where, Primitive type, Class<?> box, Class<?> java) {
            super(where);
            this.box = box;
            signed = type.name().charAt(0) == 'S';
            bits = Integer.parseInt(type.name().substring(1));
            int room = box == Byte.class ? 8 : box == Short.class ? 16 : box == Integer.class ? 32
                    : box == Long.class ? 64 : 0;
            TypedCodecs.check(room >= bits, null, "a whole number of " + bits + " bits or more for " + type, where,
                    java);
            boolean unsigned = !signed && room > bits;
            least = unsigned ? 0 : -1L << bits - 1;
            most = unsigned ? (1L << bits) - 1 : ~least;
        }

        @Override
        boolean isNumber() {
            return true;
        }

        @Override
        long toLong(Object value) {
            if (value == null) {
                throw mismatch("a whole number", null);
            }
            long number = ((Number) value).longValue();
            if (number < least || number > most) {
                throw mismatch("a whole number from " + least + " to " + most, value);
            }
            return number;
        }

        @Override
        void write(PackedWriter out, Object value) {
            long number = toLong(value);
            switch (bits) {
                case 8 -> out.putByte((int) number);
                case 16 -> out.putShort((int) number);
                case 32 -> out.putInt((int) number);
                default -> out.putLong(number);
            }
        }

        @Override
        Object read(PackedReader in) {
            return fromLong(switch (bits) {
                case 8 -> in.getByte();
                case 16 -> in.getShort();
                case 32 -> in.getInt();
                default -> in.getLong();
            });
        }

        @Override
        Object fromLong(long crossed) {
            long number = crossed;
            if (!signed && bits < 64) {
                number &= (1L << bits) - 1;
            }
            if (box == Integer.class) {
                return (int) number;
            } else if (box == Long.class) {
                return number;
            }
            return box == Byte.class ? (Object) (byte) number : (Object) (short) number;
        }
    }
}
