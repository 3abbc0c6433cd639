package io.github.wasmton.internal.text;

import java.util.regex.Pattern;

/**
 * Text of guests, modules and records, made fit for logs, terminals and headers. Control characters could otherwise
 * forge lines or take over a terminal, and characters that turn the direction of writing could hide what is there.
 */
public final class Printable {
    /** The most characters of a line: 8 Ki, and the words by which the native side ends one that it has cut there. */
    public static final int MAX_LINE = 8 * 1024 + 64;

    private static final int MAX_LINES = 64 * 1024;
    /** A line with a function, or with its place in the source. */
    private static final Pattern FRAME = Pattern.compile(" +([0-9]{1,6}: | at ).*");

    private Printable() {
    }

    /** Returns the text as one line: control characters are escaped, and it is cut after {@link #MAX_LINE}. */
    public static String line(String text) {
        return escaped(text, MAX_LINE, false);
    }

    /** Returns the text as one line, and cuts it after that many characters. */
    public static String line(String text, int limit) {
        return escaped(text, limit, false);
    }

    /** Returns the text with its line breaks, and otherwise as {@link #line} does; it is cut after 64 Ki characters. */
    public static String lines(String text) {
        return escaped(text, MAX_LINES, true);
    }

    /**
     * Returns a backtrace as {@link #lines} does. A line that begins in the name of a function, a module or a file, and
     * so not as a frame does, is none: its line break is escaped.
     */
    public static String frames(String backtrace) {
        StringBuilder frames = new StringBuilder();
        for (String line : backtrace.split("\n", -1)) {
            if (frames.length() > 0) {
                frames.append(line.isEmpty() || FRAME.matcher(line).matches() ? "\n" : "\\n");
            }
            frames.append(line);
        }
        return lines(frames.toString());
    }

    private static String escaped(String text, int limit, boolean breaks) {
        if (text.length() <= limit && text.chars().noneMatch(c -> isEscaped((char) c, breaks))) {
            return text;
        }
        StringBuilder escaped = new StringBuilder();
        int at = 0;
        for (; at < text.length() && escaped.length() < limit; at++) {
            char c = text.charAt(at);
            if (isEscaped(c, breaks)) {
                escaped.append(escape(c));
            } else {
                escaped.append(c);
            }
        }
        if (at < text.length()) {
            escaped.append(" ... (").append(text.length() - at).append(" more)");
        }
        return escaped.toString();
    }

    private static boolean isEscaped(char c, boolean breaks) {
        return c < ' ' ? c != '\n' || !breaks : c >= 0x7f && switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }

    private static String escape(char c) {
        return switch (c) {
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            default -> "\\u{" + Integer.toHexString(c) + '}';
        };
    }
}
