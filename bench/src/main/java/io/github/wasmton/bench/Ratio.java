package io.github.wasmton.bench;

import java.util.Locale;

/**
 * One line of the result: something measured, and what it is held against.
 *
 * @param what     what was measured
 * @param measured its figure
 * @param against  what it is held against
 * @param limit    the figure of that
 * @param unit     the unit of both figures
 * @param ratio    the first by the second, from pairs that were measured close together
 * @param goal     what the ratio should be
 * @param bytes    what an operation allocates on Java's heap; NaN where that is not known
 */
record Ratio(String what, double measured, String against, double limit, String unit, double ratio, Goal goal,
             double bytes) {
    /**
     * What a ratio should be.
     *
     * @param sign  of the comparison: {@code <=}, {@code >=}, or nothing where there is no goal
     * @param bound what the ratio is compared with
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

    /** With three digits, and nanoseconds as what reads best. */
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
