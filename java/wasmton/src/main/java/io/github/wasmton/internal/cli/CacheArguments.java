package io.github.wasmton.internal.cli;

import java.nio.file.Path;

import io.github.wasmton.wasmtime.CodeCache;
import picocli.CommandLine.Option;

/** The option about compiled guests. */
final class CacheArguments {
    @Option(names = "--code-cache", paramLabel = "DIR|none",
            description = "Where compiled guests are kept, so that only the first start compiles; none to keep none. "
                    + "Nobody but this user may be able to write to DIR. Default: wasmton/code in the user's directory "
                    + "for caches (~/.cache on Linux).")
    private String codeCache;

    CodeCache codeCache() {
        if (codeCache == null) {
            return CodeCache.ofUser();
        }
        return codeCache.equals("none") ? CodeCache.NONE : CodeCache.in(Path.of(codeCache));
    }
}
