package io.github.kawamuray.wasmtime.wasi;

/** Rights of a guest in a directory, for {@link WasiCtx#insertDir}, which is not supported. */
public enum DirCaps {
    /** Creating directories. */
    CREATE_DIRECTORY,
    /** Creating files. */
    CREATE_FILE,
    /** Making hard links of its files. */
    LINK_SOURCE,
    /** Making hard links in it. */
    LINK_TARGET,
    /** Opening files. */
    OPEN,
    /** Listing. */
    READDIR,
    /** Reading symbolic links. */
    READLINK,
    /** Moving files out of it. */
    RENAME_SOURCE,
    /** Moving files into it. */
    RENAME_TARGET,
    /** Making symbolic links. */
    SYMLINK,
    /** Removing directories. */
    REMOVE_DIRECTORY,
    /** Removing files. */
    UNLINK_FILE,
    /** Reading the attributes of files by name. */
    PATH_FILESTAT_GET,
    /** Changing the times of files by name. */
    PATH_FILESTAT_SET_TIMES,
    /** Reading its own attributes. */
    FILESTAT_GET,
    /** Changing its own times. */
    FILESTAT_SET_TIMES;

    /** Returns the bit of this right. */
    public int value() {
        return 1 << ordinal();
    }
}
