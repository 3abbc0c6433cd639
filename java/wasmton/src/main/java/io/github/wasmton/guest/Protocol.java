package io.github.wasmton.guest;

/** The way in which a processor takes its tasks. Its file determines it. */
public enum Protocol {
    /** The value of the record alone, by the import {@code decaton.poll_task}. It cannot produce records. */
    ZERO("protocol 0"),
    /** The whole record, one after the other, by the import {@code wasmton_v1.next}; see docs/protocol-1.md. */
    ONE("protocol 1"),
    /** The whole record, as a component of the world {@code decaton:processor}; see docs/world.md. */
    WORLD("the world decaton:processor");

    private final String text;

    Protocol(String text) {
        this.text = text;
    }

    /** Names it for a message. */
    @Override
    public String toString() {
        return text;
    }
}
