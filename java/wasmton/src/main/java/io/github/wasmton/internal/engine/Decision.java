package io.github.wasmton.internal.engine;

/** Decision on a record that a {@link TaskProcessor} processed. */
public enum Decision {
    /** The record is complete: its offset may be committed. */
    COMPLETE,

    /** The record is not complete: its offset must never be committed, and the engine processes nothing more. */
    STOP,

    /**
     * The record is not complete, because the engine is closing or the record's partition goes to another member: its
     * offset must not be committed, and no more of that partition is processed. This is no failure: the record is
     * processed again.
     */
    ABANDON
}
