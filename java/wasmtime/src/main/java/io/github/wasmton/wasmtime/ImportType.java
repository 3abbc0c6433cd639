package io.github.wasmton.wasmtime;

import java.util.Objects;

/**
 * What a module needs to be given.
 *
 * @param module the module that it names
 * @param name   the name in that module
 * @param type   what it has to be
 */
public record ImportType(String module, String name, ExternType type) {
    public ImportType {
        Objects.requireNonNull(module, "module");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
    }
}
