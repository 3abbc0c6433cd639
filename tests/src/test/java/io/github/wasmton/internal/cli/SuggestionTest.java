package io.github.wasmton.internal.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuggestionTest {
    private static final List<String> NAMES = List.of("--deadline", "--dir", "--guest-config", "--config-file",
            "auto.offset.reset");

    @ParameterizedTest
    @CsvSource({"--deadlin,--deadline", "--daedline,--deadline", "--deadlines,--deadline", "--dirs,--dir",
        "auto.offset.rest,auto.offset.reset", "--config,--config-file", "guest,--guest-config"})
    void suggestsASimilarName(String wrong, String right) {
        assertEquals(" Did you mean " + right + '?', Suggestion.of(wrong, NAMES));
    }

    @ParameterizedTest
    @CsvSource({"--retry", "x", "--", "interceptor.level"})
    void suggestsNothingForAnUnlikeName(String wrong) {
        assertEquals("", Suggestion.of(wrong, NAMES));
    }

    @Test
    void ignoresAPartOfAName() {
        assertEquals("Optional.empty", Suggestion.typo("--config", NAMES).toString());
    }
}
