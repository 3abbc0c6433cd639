package io.github.wasmton.internal.author;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.node.ObjectNode;

import io.github.wasmton.internal.text.Printable;

/**
 * Facts about a WebAssembly file for its author.
 *
 * @param kind      protocol 0, protocol 1, the world, or the kind of another file
 * @param processor whether it is of a kind that can be a processor
 * @param madeBy    the language and the tools
 * @param parts     bytes of each part, the largest first
 * @param memory    bytes of memory at the start, at least
 * @param stack     bytes of its stack in linear memory, at most; -1 if it has none that is known
 * @param needs     grants that its imports need, by their options
 * @param advice    how to make a processor of it; {@code null} if there is none for its language
 */
public record Inspection(String kind, boolean processor, List<String> madeBy, Map<String, Long> parts, long memory,
        long stack, List<String> exports, List<String> imports, Map<String, String> needs, String advice) {
    private static final long PAGE = 64 * 1024;
    private static final String TASK_HANDLER = "decaton:processor/task-handler@";
    private static final String BATCH_HANDLER = "decaton:processor/batch-handler@";
    private static final String WASI1 = "wasi_snapshot_preview1.";

    /** A file of a tool chain that is recognised by its imports, with its advice. */
    private record Origin(String name, Predicate<String> anyImport, String advice) {}

    private static final List<Origin> ORIGINS = List.of(
            new Origin("wasm-bindgen", name -> name.matches("(__wbindgen_placeholder__|wbg|"
                    + "__wbindgen_externref_xform__|\\./.*_bg\\.js)\\..*"),
                    "This is made for a browser by wasm-bindgen. Build without it: cargo build --release --target "
                    + "wasm32-wasip2 with crate-type cdylib, and no dependency that needs a browser (feature 'js', "
                    + "web-sys, js-sys)."),
            new Origin("TinyGo for a browser", name -> name.matches("(gojs|env)\\.runtime\\.(ticks|sleepTicks)"),
                    "This is made for a browser by TinyGo. Build with tinygo build -target=wasip1 "
                    + "-buildmode=c-shared, and export run by //go:wasmexport run."),
            new Origin("Go for a browser", name -> name.matches("(gojs|go)\\..*"),
                    "This is made for a browser (GOOS=js). Build with GOOS=wasip1 GOARCH=wasm go build "
                    + "-buildmode=c-shared."),
            new Origin("Emscripten", name -> name.matches("env\\.(emscripten_.*|invoke_.*|__syscall_.*|_emscripten.*|"
                    + "__cxa_.*|_embind_.*)"),
                    "Emscripten's files need its JavaScript. Build with clang --target=wasm32-wasi "
                    + "-mexec-model=reactor, or zig cc -target wasm32-wasi -mexec-model=reactor."),
            new Origin("AssemblyScript", name -> name.matches("env\\.(abort|trace|seed|Date\\.now|console\\.log)"),
                    "AssemblyScript's own imports are missing here. 'wasmton new --lang assemblyscript' makes a "
                    + "processor that does without. For protocol 0, build with @assemblyscript/wasi-shim: asc --config "
                    + "node_modules/@assemblyscript/wasi-shim/asconfig.json --exportStart _initialize."),
            new Origin("an old WASI", name -> name.startsWith("wasi_unstable."),
                    "This is made for wasi_unstable of 2019. Build it with a newer tool chain, which imports "
                    + "wasi_snapshot_preview1."));

    /**
     * Reads a file's content.
     *
     * @throws IllegalArgumentException if it is not a whole WebAssembly file in the binary format
     */
    public static Inspection of(byte[] content) {
        WasmFile file = WasmFile.read(content);
        Origin origin = ORIGINS.stream().filter(known -> file.imports().stream().anyMatch(known.anyImport)).findFirst()
                .orElse(null);
        String kind = kind(file);
        boolean processor = kind.startsWith("protocol") || kind.startsWith("component of");
        List<String> languages = languages(file, content);
        String advice = origin != null ? origin.advice : processor ? null : advice(languages);
        Map<String, Long> parts = new LinkedHashMap<>();
        file.parts().entrySet().stream().sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .forEach(part -> parts.put(part.getKey(), part.getValue()));
        return new Inspection(kind, processor, madeBy(file, origin, languages), parts,
                file.memories().stream().mapToLong(memory -> memory.minimum() * PAGE).sum(),
                file.stack(), printable(file.exports()), printable(file.imports()), needs(file), advice);
    }

    private static List<String> printable(List<String> names) {
        return names.stream().map(Printable::line).toList();
    }

    private static String kind(WasmFile file) {
        if (file.component()) {
            String handler = first(file.exports(), name -> name.startsWith(TASK_HANDLER));
            if (handler != null) {
                return "component of the world decaton:processor@" + handler.substring(TASK_HANDLER.length());
            }
            String batches = first(file.exports(), name -> name.startsWith(BATCH_HANDLER));
            if (batches != null) {
                return "component of the world decaton:processor@" + batches.substring(BATCH_HANDLER.length())
                        + ", which takes batches";
            }
            if (file.exports().contains("run")) {
                return "protocol 0, as a component";
            }
            return first(file.exports(), name -> name.startsWith("wasi:cli/run@")) != null
                    ? "command: a component with a main function"
                    : first(file.exports(), name -> name.startsWith("wasi:http/incoming-handler@")) != null
                            ? "HTTP server: a component of wasi:http/proxy" : "component of another world";
        }
        if (first(file.imports(), name -> name.startsWith("wasmton_v1.")) != null) {
            return file.imports().contains("wasmton_v1.next_batch") ? "protocol 1, a core module, which takes batches"
                    : "protocol 1, a core module";
        }
        if (file.exports().contains("run") && file.exports().contains("memory")) {
            return "protocol 0, a core module";
        }
        return file.exports().contains("_start") ? "command: a core module with a main function"
                : "core module without the function 'run'";
    }

    private static String first(List<String> names, Predicate<String> wanted) {
        return names.stream().filter(wanted).findFirst().orElse(null);
    }

    private static List<String> madeBy(WasmFile file, Origin origin, List<String> languages) {
        List<String> madeBy = new ArrayList<>(languages);
        for (String field : List.of("processed-by", "sdk")) {
            file.producers().getOrDefault(field, Map.of()).forEach((name, version) ->
                    madeBy.add(Printable.line(version.isBlank() ? name : name + ' ' + version)));
        }
        if (origin != null) {
            madeBy.add(0, origin.name);
        }
        return madeBy;
    }

    /** Returns the languages that the file names; of a stripped file, the one that its content shows. */
    private static List<String> languages(WasmFile file, byte[] content) {
        String text = new String(content, ISO_8859_1);
        if (text.contains("componentize-py")) {
            return List.of("Python");  // its interpreter is of other languages
        }
        List<String> languages = new ArrayList<>();
        file.producers().getOrDefault("language", Map.of()).forEach((name, version) ->
                languages.add(Printable.line(version.isBlank() ? name : name + ' ' + version)));
        if (!languages.isEmpty()) {
            return languages;
        }
        // Panics name the files of Rust's library so.
        return text.contains("/rustc/") ? List.of("Rust") : List.of();
    }

    /** Returns how to make a processor of a command or a library, in the language of the file. */
    private static String advice(List<String> madeBy) {
        String languages = madeBy.toString();
        if (languages.contains("Go")) {
            return "Build with GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared, and export run by "
                    + "//go:wasmexport run.";
        }
        if (languages.contains("Rust")) {
            return "Set crate-type = [\"cdylib\"] in Cargo.toml, and export the world's task handler or "
                    + "#[unsafe(no_mangle)] pub extern \"C\" fn run().";
        }
        if (languages.contains("C_plus_plus") || languages.contains("C11")) {
            return "Link with -mexec-model=reactor, and export run by __attribute__((export_name(\"run\"))).";
        }
        return "'wasmton new' makes a processor in a language that works.";
    }

    private static Map<String, String> needs(WasmFile file) {
        Map<String, String> needs = new LinkedHashMap<>();
        add(needs, file, "files", "--dir HOST::GUEST", name -> name.startsWith("wasi:filesystem/types@")
                || name.startsWith(WASI1 + "path_"));
        add(needs, file, "network", "--allow-net HOST:PORT", name -> name.startsWith("wasi:sockets/tcp@")
                || name.startsWith("wasi:sockets/udp@") || name.startsWith("wasi:http/outgoing-handler@")
                || name.equals(WASI1 + "sock_open") || name.equals("wasmton_v1.http_send"));
        add(needs, file, "listening", "--allow-listen ADDRESS:PORT", name -> name.equals(WASI1 + "sock_bind"));
        add(needs, file, "other topics", "--output-topic TOPIC", name -> name.startsWith("decaton:processor/producer@")
                || name.equals("wasmton_v1.produce"));
        add(needs, file, "stores", "--state NAME", name -> name.startsWith("decaton:processor/state@")
                || name.startsWith("wasmton_v1.state_"));
        add(needs, file, "settings", "--guest-config NAME=VALUE", name ->
                name.startsWith("decaton:processor/configuration@") || name.startsWith("wasmton_v1.setting"));
        add(needs, file, "environment", "--env NAME=VALUE", name -> name.startsWith("wasi:cli/environment@")
                || name.equals(WASI1 + "environ_get"));
        add(needs, file, "clock", null, name -> name.startsWith("wasi:clocks/")
                || name.equals(WASI1 + "clock_time_get"));
        add(needs, file, "random numbers", null, name -> name.startsWith("wasi:random/")
                || name.equals(WASI1 + "random_get"));
        return needs;
    }

    private static void add(Map<String, String> needs, WasmFile file, String what, String option,
            Predicate<String> wanted) {
        if (file.imports().stream().anyMatch(wanted)) {
            needs.put(what, option == null ? "always granted" : option);
        }
    }

    /** Returns the facts as lines of a name and a text. */
    public List<Map.Entry<String, String>> lines() {
        List<Map.Entry<String, String>> lines = new ArrayList<>();
        lines.add(Map.entry("kind", kind));
        lines.add(Map.entry("made by", madeBy.isEmpty() ? "the file does not say" : String.join(", ", madeBy)));
        lines.add(Map.entry("parts", String.join(", ", parts.entrySet().stream()
                .map(part -> part.getKey() + ' ' + AttemptText.size(part.getValue())).toList())));
        lines.add(Map.entry("memory", "at least " + AttemptText.size(memory) + " at the start"
                + (stack < 0 ? "" : ", of it " + AttemptText.size(stack) + " for the stack")));
        Stream.of(Map.entry("exports", exports), Map.entry("imports", imports)).forEach(names ->
                lines.add(Map.entry(names.getKey(), names.getValue().isEmpty() ? "none"
                        : String.join("\n", new TreeSet<>(names.getValue())))));
        lines.add(Map.entry("may use", needs.isEmpty() ? "nothing" : String.join("\n", needs.entrySet().stream()
                .map(need -> need.getKey() + ": " + need.getValue()).toList())));
        return lines;
    }

    /** Returns the options that grant what it imports, as one line; an empty text if it needs none. */
    public String grants() {
        return String.join(", ", needs.entrySet().stream().filter(need -> need.getValue().startsWith("--"))
                .map(need -> need.getValue() + " (" + need.getKey() + ')').toList());
    }

    /** Returns the facts as JSON, ready for more. */
    ObjectNode json() {
        return RecordJson.JSON.valueToTree(this);
    }

    /** Returns the facts and the result of loading the file as one line of JSON. */
    public String json(long size, String sha256, String error) {
        ObjectNode node = json();
        node.put("size", size).put("sha256", sha256).put("runs", error == null);
        if (error != null) {
            node.put("error", error);
        }
        return node.toString();
    }
}
