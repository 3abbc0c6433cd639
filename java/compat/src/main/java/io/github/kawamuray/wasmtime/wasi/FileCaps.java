package io.github.kawamuray.wasmtime.wasi;

/** Rights of a guest to a file, for {@link WasiCtx#insertFile}, which is not supported. */
public enum FileCaps {
    /** Writing data through to the disk. */
    DATASYNC,
    /** Reading. */
    READ,
    /** Moving the position. */
    SEEK,
    /** Changing flags. */
    FDSTAT_SET_FLAGS,
    /** Writing everything through to the disk. */
    SYNC,
    /** Asking for the position. */
    TELL,
    /** Writing. */
    WRITE,
    /** Announcing how it will be used. */
    ADVISE,
    /** Reserving space. */
    ALLOCATE,
    /** Reading attributes. */
    FILESTAT_GET,
    /** Changing the size. */
    FILESTAT_SET_SIZE,
    /** Changing times. */
    FILESTAT_SET_TIMES,
    /** Waiting until it can be read or written. */
    POLL_READWRITE;

    /** Returns the bit of this right. */
    public int value() {
        return 1 << ordinal();
    }
}
