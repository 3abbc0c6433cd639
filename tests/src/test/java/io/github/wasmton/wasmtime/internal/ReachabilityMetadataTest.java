package io.github.wasmton.wasmtime.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** The metadata for GraalVM's native images: all that Rust looks up in Java, and nothing that is not there. */
class ReachabilityMetadataTest {
    private static final Path ROOT = Path.of(System.getProperty("wasmton.project.dir"));
    /** A class as the sources in Rust name it: in a look-up, a binding, or the list of classes with native methods. */
    private static final Pattern NAMED = Pattern.compile("(?:jni_str!\\(\"|=> |\\(\"|jni_mangle\\(\")"
            + "((?:io\\.github\\.wasmton|java)[./](?:\\w+[./])*[A-Z]\\w*)");

    private static Map<String, JsonNode> metadata() throws IOException {
        Map<String, JsonNode> types = new HashMap<>();
        for (String artefact : List.of("wasmtime/wasmtime-java", "wasmton/wasmton")) {
            String[] parts = artefact.split("/");
            Path file = ROOT.resolve("java/" + parts[0] + "/src/main/resources/META-INF/native-image/io.github.wasmton/"
                    + parts[1] + "/reachability-metadata.json");
            new ObjectMapper().readTree(file.toFile()).get("reflection")
                    .forEach(it -> types.put(it.get("type").asText(), it));
        }
        return types;
    }

    @Test
    void namesEveryClassThatRustLooksUp() throws Exception {
        TreeSet<String> named = new TreeSet<>();
        try (Stream<Path> files = Files.walk(ROOT.resolve("src"))) {
            for (Path file : files.filter(it -> it.toString().endsWith(".rs")).toList()) {
                Matcher matcher = NAMED.matcher(Files.readString(file));
                while (matcher.find()) {
                    named.add(matcher.group(1).replace('/', '.'));
                }
            }
        }
        assertTrue(named.contains("io.github.wasmton.guest.GuestPool") && named.contains("java.io.IOException"),
                named.toString());
        named.removeAll(metadata().keySet());
        assertEquals(List.of(), List.copyOf(named), "to be added to reachability-metadata.json");
    }

    @Test
    void namesOnlyWhatIsThere() throws Exception {
        for (JsonNode type : metadata().values()) {
            String name = type.get("type").asText();
            assertTrue(type.get("jniAccessible").asBoolean(), name);
            if (!name.endsWith("[]")) {
                Class<?> found = Class.forName(name, false, getClass().getClassLoader());
                for (JsonNode method : type.path("methods")) {
                    assertTrue(Stream.of(found.getMethods()).anyMatch(it -> it.getName()
                            .equals(method.get("name").asText())
                            && it.getParameterCount() == method.get("parameterTypes").size()), name);
                }
            }
        }
    }
}
