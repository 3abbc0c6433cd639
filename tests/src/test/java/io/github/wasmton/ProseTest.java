package io.github.wasmton;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

/** Rules of CONTRIBUTING.md for prose that a program can check. */
class ProseTest {
    private static final Path PROJECT = Path.of(System.getProperty("wasmton.project.dir"));
    /** Folders with files that the build or a tool wrote. */
    private static final Set<String> SKIPPED = Set.of("build", "target", "node_modules", ".git", ".gradle");

    /** Largest share of doc comments, in per cent, that may begin with one of {@link #OPENINGS}. */
    private static final double MOST_HEADLESS = 3;
    /** Largest number of lines that may be longer than {@link #COLUMNS}. */
    private static final int MOST_LONG_LINES = 0;
    /** {@code max_line_length} of .editorconfig. */
    private static final int COLUMNS = 120;

    /** A sentence that begins with one of these words has no main clause, or hides its subject. */
    private static final Pattern OPENINGS =
            Pattern.compile("(What|Whether|How|Of|Where|The same|Those|As|For|So|That|In what)\\b(?!-)");
    private static final Pattern JAVADOC = Pattern.compile("/\\*\\*(?!/)(.*?)\\*/", Pattern.DOTALL);
    /** Consecutive lines of one kind, outer or inner. */
    private static final Pattern RUSTDOC = Pattern.compile("(?m)(^ *///(?!/).*\\n)+|(^ *//!.*\\n)+");

    @Test
    void docCommentsBeginWithAMainClause() throws IOException {
        List<String> headless = new ArrayList<>();
        int comments = 0;
        for (Path file : files(".java", ".rs")) {
            String text = Files.readString(file);
            Matcher comment = (file.toString().endsWith(".java") ? JAVADOC : RUSTDOC).matcher(text);
            while (comment.find()) {
                String prose = comment.group().replaceAll("(?m)^ *(/\\*\\*|\\*|///|//!)[ /]*", "").strip();
                comments++;
                if (OPENINGS.matcher(prose).lookingAt()) {
                    long line = text.substring(0, comment.start()).lines().count() + 1;
                    headless.add(PROJECT.relativize(file) + ":" + line + ": " + prose.lines().findFirst().orElse(""));
                }
            }
        }
        double percent = 100.0 * headless.size() / comments;
        assertTrue(percent <= MOST_HEADLESS, String.format(
                "%d of %d doc comments (%.1f %%, allowed: %.1f %%) begin with What, Whether, How, Of, ...:%n%s",
                headless.size(), comments, percent, MOST_HEADLESS, String.join("\n", headless)));
        assertTrue(comments > 1000, comments + " doc comments found");
    }

    @Test
    void linesFitTheColumnsOfEditorconfig() throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (Path file : files(".java", ".rs", ".md")) {
            boolean page = file.toString().endsWith(".md");
            boolean code = false;
            int number = 0;
            for (String line : Files.readAllLines(file)) {
                number++;
                code ^= page && line.startsWith("```");
                // A row of a table cannot be wrapped, and the output of a program is as it is.
                boolean free = page && (code || line.startsWith("|"));
                if (!free && line.codePointCount(0, line.length()) > COLUMNS) {
                    tooLong.add(PROJECT.relativize(file) + ":" + number);
                }
            }
        }
        assertTrue(tooLong.size() <= MOST_LONG_LINES, tooLong.size() + " lines, of which " + MOST_LONG_LINES
                + " are allowed, have more than " + COLUMNS + " columns:\n" + String.join("\n", tooLong));
    }

    private static List<Path> files(String... endings) throws IOException {
        List<Path> files = new ArrayList<>();
        Files.walkFileTree(PROJECT, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                return SKIPPED.contains(folder.getFileName().toString()) ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (List.of(endings).stream().anyMatch(file.toString()::endsWith)) {
                    files.add(file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return files.stream().sorted().toList();
    }
}
