package io.github.wasmton;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.wasmton.testing.ChildJvm;

/** The script {@code gradlew} asks Gradle for a program's command only if a task that starts a program is named. */
@Tag("own-jvm")
@DisabledOnOs(OS.WINDOWS)
class GradlewTest {
    @TempDir
    private Path home;

    /** Runs the script with a Gradle that prints its arguments, a line each. */
    private List<String> gradleArguments(String... arguments) throws Exception {
        Path gradle = Files.createDirectories(home.resolve("bin")).resolve("gradle");
        Files.writeString(gradle, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
        Files.setPosixFilePermissions(gradle, PosixFilePermissions.fromString("rwx------"));
        List<String> command = new ArrayList<>(List.of(System.getProperty("wasmton.project.dir") + "/gradlew"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("GRADLE_HOME", home.toString());
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(ChildJvm.awaitEnd(process), "gradlew hangs");
        assertEquals(0, process.exitValue(), output);
        return output.lines().toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "runHttpGet", ":devkafka:run", "-q run", "run --args --help"})
    void scriptStartsTheProgramTasks(String arguments) throws Exception {
        List<String> passed = gradleArguments(arguments.split(" "));
        assertTrue(passed.get(0).startsWith("-Plaunch="), passed.toString());
        assertEquals(List.of(arguments.split(" ")), passed.subList(1, passed.size()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"test", "test --tests *runs*", "dependencies --configuration testRuntimeClasspath",
            "prune"})
    void scriptLeavesOtherTasksToGradle(String arguments) throws Exception {
        assertEquals(List.of(arguments.split(" ")), gradleArguments(arguments.split(" ")));
    }
}
