package io.github.wasmton.internal.cli;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Suggestions for a name that does not exist. */
final class Suggestion {
    private Suggestion() {
    }

    /** Returns a space and a sentence with the most similar name; an empty text if none is similar. */
    static String of(String wrong, Collection<String> names) {
        return nearest(wrong, names).map(name -> " Did you mean " + name + '?').orElse("");
    }

    /** Returns the name within a few typing errors; else the shortest one that contains the wrong name. */
    static Optional<String> nearest(String wrong, Collection<String> names) {
        return typo(wrong, names).or(() -> names.stream().filter(name -> isPart(wrong, name))
                .min(Comparator.comparing(String::length).thenComparing(Comparator.naturalOrder())));
    }

    /** Returns the name within a few typing errors: one in four letters, and three at most. */
    static Optional<String> typo(String wrong, Collection<String> names) {
        int limit = Math.min(3, Math.max(1, wrong.length() / 4));
        return names.stream().filter(name -> distance(wrong, name) <= limit)
                .min(Comparator.<String>comparingInt(name -> distance(wrong, name))
                        .thenComparing(Comparator.naturalOrder()));
    }

    private static boolean isPart(String wrong, String name) {
        String part = wrong.replaceAll("^[-_.]+", "");
        return part.length() >= 3 && name.contains(part);
    }

    /** Returns the number of letters that were added, left out, replaced, or swapped with the next. */
    private static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] = Math.min(d[i - 1][j - 1] + change, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
