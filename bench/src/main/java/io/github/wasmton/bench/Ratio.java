package io.github.wasmton.bench;

import java.util.Locale;

/**
 * A line of the result: a measurement and its reference.
 *
 * @param what     the operation that was measured
 * @param measured its figure
 * @param against  the reference
 * @param limit    the figure of the reference
 * @param unit     the unit of both figures
 * @param ratio    the measured figure divided by the reference, from pairs measured close together
 * @param goal     the goal of the ratio
 * @param bytes    the bytes that an operation allocates on Java's heap; NaN if unknown
 */
record Ratio(String what, double measured, String against, double limit, String unit, double ratio, Goal goal,
             double bytes) {
    /**
     * The goal of a ratio.
     *
     * @param sign  the comparison: {@code <=}, {@code >=}, or empty for no goal
     * @param bound the number to compare with
     */
    record Goal(String sign, double bound) {
        static final Goal NONE = new Goal("", Double.NaN);

        static Goal atMost(double bound) {
            return new Goal("<=", bound);
        }

        static Goal atLeast(double bound) {
            return new Goal(">=", bound);
        }

        boolean isMet(double ratio) {
            return sign.isEmpty() || (sign.equals("<=") ? ratio <= bound : ratio >= bound);
        }

        @Override
        public String toString() {
            return sign.isEmpty() ? "" : sign + " " + bound;
        }
    }

    static final String TABLE_HEAD = """
            | measured | held against | ratio | goal | | allocated |
            |---|---|---:|---:|---|---:|
            """;

    String tableRow() {
        return String.format(Locale.ROOT, "| %s: %s | %s: %s | %.2f | %s | %s | %s |%n", what, figure(measured),
                against, figure(limit), ratio, goal, verdict(), Double.isNaN(bytes) ? "" : rounded(bytes) + " B");
    }

    String json() {
        return String.format(Locale.ROOT, "{\"measured\": \"%s\", \"figure\": %.4g, \"against\": \"%s\", "
                + "\"limit\": %.4g, \"unit\": \"%s\", \"ratio\": %.3f, \"goal\": \"%s\", \"result\": \"%s\", "
                + "\"allocatedBytes\": %s}", what, measured, against, limit, unit, ratio, goal, verdict(),
                Double.isNaN(bytes) ? "null" : rounded(bytes));
    }

    private String verdict() {
        return goal.sign().isEmpty() ? "" : goal.isMet(ratio) ? "met" : "MISSED";
    }

    /** Formats a figure with three digits, in the most readable unit of time. */
    private String figure(double value) {
        if (unit.equals("ns") && value >= 1e6) {
            return digits(value / 1e6, "ms");
        }
        return unit.equals("ns") && value >= 1e3 ? digits(value / 1e3, "us") : digits(value, unit);
    }

    private static String digits(double value, String unit) {
        String format = value < 10 ? "%.2f %s" : value < 100 ? "%.1f %s" : "%,.0f %s";
        return String.format(Locale.ROOT, format, value, unit);
    }

    private static String rounded(double bytes) {
        return String.format(Locale.ROOT, "%.0f", bytes);
    }
}
