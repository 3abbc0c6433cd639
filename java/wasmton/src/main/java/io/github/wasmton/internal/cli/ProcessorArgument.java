package io.github.wasmton.internal.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

import io.github.wasmton.internal.author.Project;
import io.github.wasmton.internal.text.FileError;
import picocli.CommandLine.Parameters;

/** The argument that names a processor for the commands of authors: its folder, or its file. */
final class ProcessorArgument {
    @Parameters(index = "0", paramLabel = OptionNames.FOLDER_OR + "PROCESSOR_WASM", converter = Form.File.class,
            description = "Folder of the processor, or its file: a core module or a component. Default: the processor "
                    + "that the working folder's " + Project.FILE + " names.")
    Path place;

    private Project project;

    /** Returns the file of options that belongs to the argument; it may not exist. */
    Path projectFile() {
        return place != null && Files.isDirectory(place) ? place.resolve(Project.FILE).normalize()
                : Path.of(Project.FILE);
    }

    /** Returns the project that builds the processor; {@code null} if the argument is a file of no known project. */
    Project project() throws BadInputException {
        if (project == null) {
            project = read();
        }
        return project;
    }

    private Project read() throws BadInputException {
        if (Files.isDirectory(place)) {
            return Projects.in(place);
        }
        if (!Files.exists(Path.of(Project.FILE))) {
            return null;
        }
        Project here = Projects.in(Path.of(""));
        return absolute(here.wasm()).equals(absolute(place)) ? here : null;
    }

    private static Path absolute(Path path) {
        return path.toAbsolutePath().normalize();
    }

    /**
     * Returns the processor's file, which exists. Prints a warning if a source is newer.
     *
     * @throws BadInputException if there is no such file; the message says how to get it
     */
    Path wasm(PrintStream err) throws BadInputException {
        Path wasm = project() == null ? place : project.wasm();
        if (Files.isDirectory(wasm)) {
            throw new BadInputException(wasm + " is a folder, not the file of a processor.", null);
        }
        if (!Files.exists(wasm)) {
            throw new BadInputException(missing(wasm), null);
        }
        if (project != null) {
            warnOfNewerSource(err);
        }
        return wasm;
    }

    private String missing(Path wasm) throws BadInputException {
        if (project != null) {
            String folder = project.folder().toString();
            return "There is no file " + wasm + " yet. Build it first, by 'wasmton build"
                    + (folder.isEmpty() ? "" : " " + folder) + "'.";
        }
        return "There is no file or folder " + wasm + ". " + (Files.exists(Path.of(Project.FILE))
                ? "The processor of this folder is " + Projects.in(Path.of("")).wasm() + "; leave the argument out "
                        + "for it." : "Give the path of the .wasm file, or of the folder that 'wasmton new' made.");
    }

    private void warnOfNewerSource(PrintStream err) throws BadInputException {
        try {
            Path newer = project.newerSource();
            if (newer != null) {
                String folder = project.folder().toString();
                err.println("Warning: " + newer + " is newer than " + project.wasm() + ". To use it, run 'wasmton build"
                        + (folder.isEmpty() ? "" : " " + folder) + "'.");
            }
        } catch (IOException e) {
            throw new BadInputException("Cannot read the sources: " + FileError.of(e) + '.', e);
        }
    }
}
