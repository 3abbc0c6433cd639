package io.github.wasmton.internal.cli;

import java.nio.file.Files;
import java.nio.file.Path;

import io.github.wasmton.internal.author.Project;

/** Finds the project in a folder. */
final class Projects {
    private Projects() {
    }

    /** Returns the project in a folder. */
    static Project in(Path given) throws BadInputException {
        Path folder = given.normalize();
        Path file = folder.resolve(Project.FILE);
        if (!Files.isDirectory(folder)) {
            throw new BadInputException((Files.exists(folder) ? folder + " is not a folder." : "There is no folder "
                    + folder + '.') + " 'wasmton new NAME' makes one.", null);
        }
        if (!Files.exists(file)) {
            throw new BadInputException("The folder " + given + " has no " + Project.FILE + ", which says how to "
                    + "build the processor. 'wasmton new NAME' makes a folder with one.", null);
        }
        try {
            return Project.of(folder, ConfigFile.read(file));
        } catch (IllegalArgumentException e) {
            throw new BadInputException(file + ": " + e.getMessage() + '.', e);
        }
    }
}
