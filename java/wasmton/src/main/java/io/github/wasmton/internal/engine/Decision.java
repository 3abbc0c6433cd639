package io.github.wasmton.internal.engine;

/** What an engine has to do with a record that was given to a {@link TaskProcessor}. */
public enum Decision {
    /** The record is dealt with: its offset may be committed. */
    COMPLETE,

    /** The record is not dealt with: its offset must never be committed, and the engine processes nothing more. */
    STOP,

    /**
     * The record is not dealt with, because the engine is to end or the record's partition goes to another member: its
     * offset must not be committed, and no more of that partition is processed. No failure: the record comes again.
     */
    ABANDON
}
