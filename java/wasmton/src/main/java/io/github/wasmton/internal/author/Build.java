package io.github.wasmton.internal.author;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The build of a project: its command, in a shell in its folder. */
public final class Build {
    private final Project project;
    private final Map<String, String> environment;

    /** Prepares a build that gets these environment variables. */
    public Build(Project project, Map<String, String> environment) {
        this.project = project;
        this.environment = environment;
    }

    /** Returns what to do for each missing tool, a line each. */
    public List<String> missing() {
        return project.tools().entrySet().stream().filter(tool -> !onPath(tool.getKey()))
                .map(tool -> "There is no program '" + tool.getKey() + "' on the PATH. " + tool.getValue() + '.')
                .toList();
    }

    private boolean onPath(String program) {
        return Arrays.stream(environment.getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(folder -> !folder.isEmpty() && Files.isExecutable(Path.of(folder, program)));
    }

    /**
     * Runs the build to its end.
     *
     * @param output gets each line that the build prints
     * @return the exit code of the command
     */
    public int run(Consumer<String> output) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", project.build())
                .directory(project.folder().toAbsolutePath().toFile())
                .redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            process.getOutputStream().close();
            try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
                lines.lines().forEach(output);
            }
            return process.waitFor();
        } finally {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
        }
    }
}
