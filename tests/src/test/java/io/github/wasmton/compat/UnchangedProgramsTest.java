package io.github.wasmton.compat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;

import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.wasmton.testing.ChildJvm;

/**
 * Promise: a program written for 0.19.0 prints the same on {@code wasmtime-java-compat}, with the class files that were
 * compiled for 0.19.0, and compiled anew. The programs are in {@code src/test/resources/compat}.
 */
@Tag("own-jvm")
class UnchangedProgramsTest {
    private static final Path PROGRAMS =
            Path.of(System.getProperty("wasmton.project.dir"), "tests/src/test/resources/compat");
    private static final String NEW = System.getProperty("wasmton.test.classpath");

    @ParameterizedTest
    @ValueSource(strings = {"Calls", "Failures", "Linked"})
    void programPrintsTheSameOnBoth(String program, @TempDir Path forOld, @TempDir Path forNew) throws Exception {
        String old = OldBinding.classPath();
        compile(program, old, forOld);
        compile(program, NEW, forNew);
        String expected = run(program, old, forOld);
        assertTrue(expected.lines().count() > 10, expected);
        assertEquals(expected, run(program, NEW, forOld));
        assertEquals(expected, run(program, NEW, forNew));
    }

    private static void compile(String program, String classPath, Path classes) throws Exception {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            assertTrue(compiler.getTask(messages, files, null,
                    List.of("-d", classes.toString(), "-classpath", classPath, "-proc:none"), null,
                    files.getJavaFileObjects(PROGRAMS.resolve(program + ".java"))).call(), messages::toString);
        }
    }

    private static String run(String program, String classPath, Path classes) {
        return new ChildJvm().withClassPath(classes + File.pathSeparator + classPath).run(program).succeeded().out();
    }
}
