package io.github.wasmton.wasmtime;

import java.util.Objects;

/**
 * The names and type of an import of a module.
 *
 * @param module the name of the module that it imports from
 * @param name   the name in that module
 * @param type   its type
 */
public record ImportType(String module, String name, ExternType type) {
    public ImportType {
        Objects.requireNonNull(module, "module");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
    }
}
