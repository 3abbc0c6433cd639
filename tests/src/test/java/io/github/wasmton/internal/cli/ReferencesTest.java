package io.github.wasmton.internal.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReferencesTest {
    private final References references = new References(Map.of("HOME_REGION", "eu"));
    @TempDir
    Path directory;

    private String resolve(String text) throws BadInputException {
        return references.resolve("--env", Map.of("NAME", text)).get("NAME");
    }

    @Test
    void valuesComeFromFilesAndTheEnvironment() throws Exception {
        Path properties = Files.writeString(directory.resolve("secrets.properties"), "token = a b\nother = x\n");
        Files.writeString(directory.resolve("login"), "user\nhush\n");
        assertEquals("Bearer a b!", resolve("Bearer ${file:" + properties + ":token}!"));
        assertEquals("user\nhush", resolve("${directory:" + directory + ":login}"));
        assertEquals("eu-eu", resolve("${env:HOME_REGION}-${env:HOME_REGION}"));
        assertTrue(references.found().containsAll(List.of("a b", "user\nhush", "eu")));
    }

    @Test
    void otherTextStaysUnchanged() throws Exception {
        for (String text : List.of("", "5 $", "$HOME", "a{b}", "\\$")) {
            assertEquals(text, resolve(text));
        }
        assertEquals("${env:X} ${", resolve("$${env:X} $${"));
        assertEquals(Set.of(), Set.copyOf(references.found()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "${vault:x}           | '${vault:x}' cannot be resolved.",
        "${HOME}              | '${HOME}' cannot be resolved.",
        "${}                  | '${}' cannot be resolved.",
        "${env:NO_SUCH}       | there is no value for '${env:NO_SUCH}'.",
        "a ${env:HOME_REGION  | a '${' has no '}'.",
        "${file:x}            | there is no value for '${file:x}'.",
        "${file:/no/such:key} | cannot read /no/such: "})
    void rejectsAnUnresolvableReference(String text, String message) {
        BadInputException e = assertThrows(BadInputException.class, () -> resolve(text));
        assertTrue(e.getMessage().startsWith("--env NAME: " + message), e.getMessage());
    }
}
