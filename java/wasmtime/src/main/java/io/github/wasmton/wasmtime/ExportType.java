package io.github.wasmton.wasmtime;

import java.util.Objects;

/**
 * The name and type of an export of a module.
 *
 * @param name its name
 * @param type its type
 */
public record ExportType(String name, ExternType type) {
    public ExportType {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
    }
}
