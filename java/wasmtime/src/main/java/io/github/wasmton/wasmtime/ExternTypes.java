package io.github.wasmton.wasmtime;

import java.util.OptionalLong;

/** Conversion of types that cross from Rust. */
final class ExternTypes {
    private ExternTypes() {}

    /** Parses the output of {@code describe_extern} in Rust. */
    static ExternType parse(String description) {
        String[] words = description.split(" ");
        return switch (words[0]) {
            case "func" -> FuncType.parse(words[1]);
            case "tag" -> new TagType(FuncType.parse(words[1]));
            case "global" -> new GlobalType(new TypeReader(words[1]).next(), Boolean.parseBoolean(words[2]));
            case "table" -> new TableType(new TypeReader(words[1]).next(), Long.parseLong(words[2]),
                    maximum(words[3]), Boolean.parseBoolean(words[4]));
            case "memory" -> new MemoryType(Long.parseLong(words[1]), maximum(words[2]),
                    Boolean.parseBoolean(words[3]), Boolean.parseBoolean(words[4]), Integer.parseInt(words[5]));
            default -> throw new AssertionError(description);
        };
    }

    private static OptionalLong maximum(String word) {
        long maximum = Long.parseLong(word);
        return maximum < 0 ? OptionalLong.empty() : OptionalLong.of(maximum);
    }
}
