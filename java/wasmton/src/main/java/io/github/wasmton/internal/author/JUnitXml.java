package io.github.wasmton.internal.author;

import java.util.List;
import java.util.Locale;

/** Results of cases in the XML format of JUnit, which CI systems read. */
public final class JUnitXml {
    private JUnitXml() {
    }

    /** Returns the document. */
    public static String of(List<TestRun.Result> results) {
        StringBuilder xml = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        xml.append(String.format(Locale.ROOT, "<testsuite name=\"wasmton\" tests=\"%d\" failures=\"%d\" errors=\"0\" "
                + "skipped=\"0\" time=\"%.3f\">%n", results.size(),
                results.stream().filter(result -> !result.passed()).count(),
                results.stream().mapToLong(result -> result.time().toNanos()).sum() / 1e9));
        for (TestRun.Result result : results) {
            xml.append(String.format(Locale.ROOT, "  <testcase classname=\"%s\" name=\"%s\" time=\"%.3f\"",
                    escaped(result.test().file().toString()), escaped(result.test().name()),
                    result.time().toNanos() / 1e9));
            if (result.passed()) {
                xml.append("/>\n");
                continue;
            }
            xml.append(">\n    <failure message=\"").append(escaped(result.differences().get(0).lines().findFirst()
                    .orElse(""))).append("\">").append(escaped(String.join("\n", result.differences())))
                    .append("</failure>\n  </testcase>\n");
        }
        return xml.append("</testsuite>\n").toString();
    }

    /** Escapes what XML needs escaped; characters that XML 1.0 cannot hold become question marks. */
    private static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\n', '\t', '\r' -> escaped.append("&#").append(c).append(';');
                default -> {
                    boolean allowed = c >= ' ' && c <= 0xd7ff || c >= 0xe000 && c <= 0xfffd || c > 0xffff;
                    escaped.appendCodePoint(allowed ? c : '?');
                }
            }
        });
        return escaped.toString();
    }
}
