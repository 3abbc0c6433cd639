package io.github.wasmton.internal.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;

import io.github.wasmton.internal.text.Quantity;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.TypeConversionException;

/**
 * The written form of an option's values. Help and {@code --print-config} write values by it, the command line reads
 * them.
 */
interface Form<T> extends ITypeConverter<T> {
    /** The word for "not at all", where an option has one. */
    String NONE = "none";

    /** Reads a value. */
    T parse(String text);

    /** Writes a value in a form that {@link #parse} reads. */
    String text(T value);

    @Override
    default T convert(String text) {
        try {
            return parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }

    /** Returns the text of an option's value; {@code null} if it has no value. */
    static String textOf(ArgSpec arg, Object value) {
        if (value == null) {
            return null;
        }
        if (arg.converters().length > 0 && arg.converters()[0] instanceof Form<?> form && !arg.isMultiValue()) {
            return form.textOfAny(value);
        }
        if (value instanceof Collection<?> values) {
            return values.isEmpty() ? NONE : values.stream().map(String::valueOf).collect(Collectors.joining(", "));
        }
        return value instanceof Enum<?> constant ? nameOf(constant) : value.toString();
    }

    @SuppressWarnings("unchecked")  // the value was made by this very form, or is the field's own default
    private String textOfAny(Object value) {
        return text((T) value);
    }

    /** Writes a constant as options do: {@code RETRY_THEN_SKIP} is {@code retry-then-skip}. */
    static String nameOf(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** A duration above zero. */
    final class Time implements Form<Duration> {
        @Override
        public Duration parse(String text) {
            return Quantity.parseTime(text);
        }

        @Override
        public String text(Duration value) {
            return Quantity.time(value);
        }
    }

    /** A duration; zero is {@code none}. */
    final class TimeOrNone implements Form<Duration> {
        @Override
        public Duration parse(String text) {
            return text.equals(NONE) ? Duration.ZERO : Quantity.parseTime(text);
        }

        @Override
        public String text(Duration value) {
            return value.isZero() ? NONE : Quantity.time(value);
        }
    }

    /** A number of bytes. */
    final class Size implements Form<Long> {
        @Override
        public Long parse(String text) {
            return Quantity.parseSize(text);
        }

        @Override
        public String text(Long value) {
            return Quantity.size(value);
        }
    }

    /** A ratio, written as a percentage. */
    final class Percent implements Form<Double> {
        @Override
        public Double parse(String text) {
            return Quantity.parsePercent(text);
        }

        @Override
        public String text(Double value) {
            return Quantity.percent(value);
        }
    }

    /** A TCP port; negative for {@code none}. */
    final class Port implements Form<Integer> {
        private static final int MAX = 65_535;

        @Override
        public Integer parse(String text) {
            if (text.equals(NONE)) {
                return -1;
            }
            if (text.matches("[0-9]{1,5}") && Integer.parseInt(text) <= MAX) {
                return Integer.valueOf(text);
            }
            throw new IllegalArgumentException("'" + text + "' is not a port up to " + MAX + ", nor " + NONE);
        }

        @Override
        public String text(Integer value) {
            return value < 0 ? NONE : value.toString();
        }
    }

    /** Addresses of servers, separated by commas. It drops empty ones, which templates leave and Kafka refuses. */
    final class Servers implements Form<String> {
        @Override
        public String parse(String text) {
            return Arrays.stream(text.split(",")).map(String::strip).filter(server -> !server.isEmpty())
                    .collect(Collectors.joining(","));
        }

        @Override
        public String text(String value) {
            return value.replace(",", ", ");
        }
    }

    /** A path. An error names the locale if it cannot express the path's characters. */
    final class File implements Form<Path> {
        @Override
        public Path parse(String text) {
            try {
                return Path.of(text);
            } catch (InvalidPathException e) {
                throw new IllegalArgumentException("'" + text + "' is not a path here: " + e.getReason() + ". "
                        + UTF_8_NEEDED, e);
            }
        }

        @Override
        public String text(Path value) {
            return value.toString();
        }
    }

    /** Advice for a locale whose character set is too small. */
    String UTF_8_NEEDED = "For names that are not ASCII set LC_ALL=C.UTF-8";
}
