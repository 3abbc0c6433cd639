package io.github.wasmton.internal.cli;

import java.nio.file.Path;

import io.github.wasmton.wasmtime.CodeCache;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The option for compiled guests. */
@Command(optionListHeading = "Guest")
final class CacheArguments {
    @Option(names = "--code-cache", paramLabel = "DIR|none", converter = Form.File.class,
            description = "Directory for compiled guests, so that only the first start compiles. Nobody but this user "
                    + "may be able to write to it. Default: wasmton/code in the user's cache directory (~/.cache on "
                    + "Linux).")
    Path directory;

    CodeCache cache() {
        if (directory == null) {
            return CodeCache.ofUser();
        }
        return directory.equals(Path.of(Form.NONE)) ? CodeCache.NONE : CodeCache.in(directory);
    }
}
