package io.github.wasmton.wasmtime.bindgen;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.palantir.javapoet.CodeBlock;

/** Javadoc from WIT's comments, which are Markdown: paragraphs, lists, code and links. */
final class Javadoc {
    private static final Pattern CODE = Pattern.compile("(`+)(.+?)\\1(?!`)");
    private static final Pattern LINK = Pattern.compile("\\[([^\\]\\[]+)\\]\\((https?://[^)\\s\"]+)\\)");
    private static final Pattern ITEM = Pattern.compile("\\s*(?:[-*+]|\\d+[.)])\\s+(.*)");
    private static final Pattern HEADING = Pattern.compile("#{1,6}\\s+(.*?)\\s*#*");

    private final StringBuilder html = new StringBuilder();
    private boolean isFirst = true;
    private boolean inList;
    private boolean inParagraph;

    private Javadoc() {}

    /** Returns a comment as javadoc; empty for none. */
    static CodeBlock of(String markdown) {
        return markdown.isBlank() ? CodeBlock.builder().build() : CodeBlock.of("$L", html(markdown));
    }

    /** Returns a comment as HTML of javadoc. */
    static String html(String markdown) {
        Javadoc javadoc = new Javadoc();
        StringBuilder code = null;
        for (String line : markdown.strip().split("\n")) {
            if (line.strip().startsWith("```")) {
                if (code == null) {
                    code = new StringBuilder();
                } else {
                    javadoc.code(code.toString());
                    code = null;
                }
            } else if (code != null) {
                code.append(line.stripTrailing()).append('\n');
            } else {
                javadoc.line(line.stripTrailing());
            }
        }
        if (code != null) {
            javadoc.code(code.toString());
        }
        javadoc.endList();
        return javadoc.html.toString().strip();
    }

    /** Returns a comment on one line, as a tag has it. */
    static String phrase(String markdown) {
        return html(markdown).replaceAll("\\s*\n\\s*", " ");
    }

    private void line(String line) {
        Matcher item = ITEM.matcher(line);
        Matcher heading = HEADING.matcher(line);
        if (line.isBlank()) {
            inParagraph = false;
        } else if (item.matches()) {
            if (!inList) {
                html.append("\n<ul>");
                inList = true;
            }
            html.append("\n<li>").append(inline(item.group(1)));
            inParagraph = true;
        } else if (heading.matches()) {
            paragraph();
            html.append("<b>").append(inline(heading.group(1))).append("</b>");
            inParagraph = false;
        } else {
            if (!inParagraph) {
                paragraph();
            } else {
                html.append('\n');
            }
            html.append(inline(line.strip()));
        }
    }

    private void paragraph() {
        endList();
        html.append(isFirst ? "" : "\n\n<p>");
        isFirst = false;
        inParagraph = true;
    }

    private void endList() {
        if (inList) {
            html.append("\n</ul>");
            inList = false;
            isFirst = false;
        }
    }

    /** Returns code, by javadoc's tag if that takes all of its characters. */
    private static String inlineCode(String text) {
        boolean plain = text.chars().noneMatch(c -> "{}@\\".indexOf(c) >= 0) && !text.contains("*/");
        return plain ? "{@code " + text + '}' : "<code>" + escape(text) + "</code>";
    }

    private void code(String code) {
        endList();
        html.append("\n<pre>\n").append(escape(code)).append("</pre>");
        isFirst = false;
        inParagraph = false;
    }

    private static String inline(String text) {
        StringBuilder html = new StringBuilder();
        Matcher code = CODE.matcher(text);
        int at = 0;
        while (code.find()) {
            html.append(links(text.substring(at, code.start()))).append(inlineCode(code.group(2).strip()));
            at = code.end();
        }
        return html.append(links(text.substring(at))).toString();
    }

    private static String links(String text) {
        StringBuilder html = new StringBuilder();
        Matcher link = LINK.matcher(text);
        int at = 0;
        while (link.find()) {
            html.append(escape(text.substring(at, link.start()))).append("<a href=\"").append(escape(link.group(2)))
                    .append("\">").append(escape(link.group(1))).append("</a>");
            at = link.end();
        }
        return html.append(escape(text.substring(at))).toString();
    }

    /** Escapes HTML, javadoc's tags, the end of a comment and Java's Unicode escapes. */
    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;")
                .replace("*/", "*&#47;").replace("\\", "&#92;").replace("{", "&#123;").replace("}", "&#125;");
    }
}
