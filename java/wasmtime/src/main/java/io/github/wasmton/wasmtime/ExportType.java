package io.github.wasmton.wasmtime;

import java.util.Objects;

/**
 * What instances of a module give.
 *
 * @param name its name
 * @param type what it is
 */
public record ExportType(String name, ExternType type) {
    public ExportType {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
    }
}
