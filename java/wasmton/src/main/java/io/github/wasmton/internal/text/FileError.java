package io.github.wasmton.internal.text;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Errors of files in words. Java's own messages are often no more than the path. */
public final class FileError {
    private FileError() {
    }

    /** Returns the reason of an error as a clause with the path, such as "there is no permission for a.json". */
    public static String of(IOException e) {
        if (e instanceof CharacterCodingException) {
            return "it is not text in UTF-8";
        }
        if (!(e instanceof FileSystemException error) || error.getFile() == null) {
            return e.getMessage() == null ? "an input or output error" : e.getMessage();
        }
        String file = error.getFile();
        if (e instanceof AccessDeniedException) {
            return "there is no permission for " + file;
        }
        if (e instanceof NoSuchFileException) {
            return "there is no file or folder " + file;
        }
        if (e instanceof NotDirectoryException) {
            return file + " is not a folder";
        }
        if (e instanceof FileAlreadyExistsException) {
            return file + " exists and is not a folder";
        }
        if (e instanceof DirectoryNotEmptyException) {
            return file + " is not empty";
        }
        return error.getReason() == null ? "an input or output error of " + file : file + ": " + error.getReason();
    }
}
