package io.github.wasmton.internal.text;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The one written form of durations, sizes and percentages, such as {@code 200ms}, {@code 1m30s}, {@code 128MiB} and
 * {@code 10%}. Help, configuration, errors and logs use it; each form can be read back.
 */
public final class Quantity {
    private static final String[] UNITS = {"", "KiB", "MiB", "GiB"};
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,12})(|k|m|g)(?:i?b)?");
    private static final Pattern PERCENT = Pattern.compile("([0-9]{1,3}(?:\\.[0-9]{1,9})?)%?");

    private Quantity() {
    }

    /** Writes a duration, such as {@code 200ms}, {@code 1.5s}, {@code 10s} or {@code 1m30s}. */
    public static String time(Duration time) {
        long nanos = time.toNanos();
        if (nanos != 0 && Math.abs(nanos) < 1_000_000_000) {
            return plain(BigDecimal.valueOf(nanos, 6)) + "ms";
        }
        return time.toString().substring(2).toLowerCase(Locale.ROOT);
    }

    /**
     * Reads a duration above zero, also in the form of ISO 8601.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static Duration parseTime(String text) {
        String iso = text.toUpperCase(Locale.ROOT);
        try {
            Duration time = iso.endsWith("MS")
                    ? Duration.ofNanos(new BigDecimal(iso.substring(0, iso.length() - 2)).movePointRight(6)
                            .longValueExact())
                    : Duration.parse(iso.startsWith("P") ? iso : "PT" + iso);
            if (!time.isNegative() && !time.isZero()) {
                return time;
            }
        } catch (DateTimeParseException | NumberFormatException e) {
            // falls through to the one message
        } catch (ArithmeticException e) {
            // out of range: likewise
        }
        throw new IllegalArgumentException(text.matches("[0-9]+([.][0-9]+)?")
                ? "'" + text + "' has no unit. Write " + text + "ms, " + text + "s or " + text + 'm'
                : "'" + text + "' is not a time above zero, such as 500ms, 10s or 2m");
    }

    /** Writes a number of bytes in the largest unit that needs no fraction, such as {@code 128MiB}. */
    public static String size(long bytes) {
        int unit = 0;
        long count = bytes;
        while (count != 0 && count % 1024 == 0 && unit + 1 < UNITS.length) {
            count /= 1024;
            unit++;
        }
        return count + UNITS[unit];
    }

    /**
     * Reads a number of bytes.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static long parseSize(String text) {
        Matcher size = SIZE.matcher(text.toLowerCase(Locale.ROOT));
        if (!size.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a size, such as 65536, 512KiB or 64MiB");
        }
        return Long.parseLong(size.group(1)) << switch (size.group(2)) {
            case "k" -> 10;
            case "m" -> 20;
            case "g" -> 30;
            default -> 0;
        };
    }

    /** Writes a ratio as a percentage: 0.1 is {@code 10%}. */
    public static String percent(double ratio) {
        return plain(BigDecimal.valueOf(ratio).movePointRight(2)) + '%';
    }

    /**
     * Reads a percentage as a ratio.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static double parsePercent(String text) {
        Matcher percent = PERCENT.matcher(text);
        if (!percent.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a percentage, such as 10% or 0.5%");
        }
        return new BigDecimal(percent.group(1)).movePointLeft(2).doubleValue();
    }

    private static String plain(BigDecimal number) {
        return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
    }
}
