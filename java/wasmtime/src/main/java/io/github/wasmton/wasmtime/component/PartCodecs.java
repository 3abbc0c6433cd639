package io.github.wasmton.wasmtime.component;

import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Codecs of lists, tuples and records. */
final class PartCodecs {
    private PartCodecs() {}

    static final class Elements extends Codec {
        private final Codec element;
        /** Negative for a list of any length. */
        private final int fixed;

        Elements(String where, Codec element, int fixed) {
            super(where);
            this.element = element;
            this.fixed = fixed;
        }

        @Override
        void write(PackedWriter out, Object value) {
            if (!(value instanceof Collection<?> list) || fixed >= 0 && list.size() != fixed) {
                throw mismatch(fixed < 0 ? "a List" : "a List of " + fixed, value);
            }
            // Of the elements themselves: another thread may change the list.
            Object[] elements = list.toArray();
            if (fixed < 0) {
                out.putInt(elements.length);
            }
            for (Object one : elements) {
                element.write(out, one);
            }
        }

        @Override
        Object read(PackedReader in) {
            Object[] elements = new Object[fixed < 0 ? in.getInt() : fixed];
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

    /** Several values one after the other. */
    abstract static class Parts extends Codec {
        final Codec[] parts;

        Parts(String where, List<Codec> parts) {
            super(where);
            this.parts = parts.toArray(Codec[]::new);
        }

        final void writeAll(PackedWriter out, Object[] values) {
            for (int i = 0; i < parts.length; i++) {
                parts[i].write(out, values[i]);
            }
        }

        final Object[] readAll(PackedReader in) {
            Object[] values = new Object[parts.length];
            for (int i = 0; i < parts.length; i++) {
                values[i] = parts[i].read(in);
            }
            return values;
        }

        @Override
        boolean hasByteLists() {
            return Arrays.stream(parts).anyMatch(Codec::hasByteLists);
        }

        @Override
        int size() {
            return Arrays.stream(parts).mapToInt(Codec::size).sum();
        }
    }

    static final class Tuple extends Parts {
        Tuple(String where, List<Codec> parts) {
            super(where, parts);
        }

        @Override
        void write(PackedWriter out, Object value) {
            if (!(value instanceof List<?> list)) {
                throw mismatch("a List of " + parts.length, value);
            }
            Object[] values = list.toArray();
            if (values.length != parts.length) {
                throw mismatch("a List of " + parts.length, value);
            }
            writeAll(out, values);
        }

        @Override
        Object read(PackedReader in) {
            return Collections.unmodifiableList(Arrays.asList(readAll(in)));
        }
    }

    static final class RecordCodec extends Parts {
        private final List<String> names;

        RecordCodec(String where, List<String> names, List<Codec> parts) {
            super(where, parts);
            this.names = names;
        }

        @Override
        void write(PackedWriter out, Object value) {
            if (value instanceof ComponentRecord record && record.names.equals(names)) {
                writeAll(out, record.values);
                return;
            }
            Map<?, ?> fields;
            if (value instanceof ComponentRecord record) {
                fields = record.asMap();
            } else if (value instanceof Map<?, ?> map) {
                fields = map;
            } else {
                throw mismatch("a ComponentRecord or Map", value);
            }
            if (fields.size() != names.size()) {
                throw new IllegalArgumentException(where + " needs the fields " + names + ", not " + fields.keySet());
            }
            for (int i = 0; i < parts.length; i++) {
                Object field = fields.get(names.get(i));
                if (field == null && !fields.containsKey(names.get(i))) {
                    throw new IllegalArgumentException(
                            where + " needs the fields " + names + ", not " + fields.keySet());
                }
                parts[i].write(out, field);
            }
        }

        @Override
        Object read(PackedReader in) {
            return new ComponentRecord(names, readAll(in));
        }
    }
}
