package io.github.wasmton.wasmtime.testsuite;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.Func;
import io.github.wasmton.wasmtime.Instance;
import io.github.wasmton.wasmtime.Linker;
import io.github.wasmton.wasmtime.Module;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.TrapException;
import io.github.wasmton.wasmtime.WasmException;
import io.github.wasmton.wasmtime.WasmFunctions;
import io.github.wasmton.wasmtime.WasmtimeException;

/** A file of the test suite, whose commands run in order in one Store. */
final class Script implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The results of the commands. */
    static final class Result {
        int passed;
        final Map<String, Integer> skipped = new TreeMap<>();
        final List<String> failed = new ArrayList<>();
    }

    private final Path file;
    private final String name;
    private final Engine engine;
    private final List<Engine> earlier;
    private final Store store;
    private final Linker linker;
    private final Map<String, Instance> instances = new HashMap<>();
    private final Map<String, Module> modules = new HashMap<>();
    private Instance current;
    private final Result result = new Result();

    /**
     * Creates a run on this engine.
     *
     * @param earlier engines without features of later versions
     */
    Script(Engine engine, List<Engine> earlier, Path file) {
        this.file = file;
        this.engine = engine;
        this.earlier = earlier;
        name = file.getParent().getFileName() + "/" + file.getFileName().toString().replace(".json", "");
        store = new Store(engine);
        linker = new Linker(store).allowShadowing(true);
        Spectest.define(linker, engine);
    }

    Result run() throws IOException {
        String leftOut = Skips.ofGroup(file.getParent().getFileName().toString());
        for (JsonNode command : JSON.readTree(file.toFile()).get("commands")) {
            try {
                if (leftOut != null) {
                    throw new Skips.Skipped(leftOut);
                }
                run(command);
                result.passed++;
            } catch (Skips.Skipped e) {
                result.skipped.merge(e.getMessage(), 1, Integer::sum);
            } catch (Exception | AssertionError | StackOverflowError e) {
                failed(command, e);
            }
        }
        return result;
    }

    private void failed(JsonNode command, Throwable failure) {
        int line = command.get("line").asInt();
        String reason = Skips.ofCommand(name, line, command.path("text").asText());
        if (reason == null) {
            result.failed.add(name + ':' + line + ' ' + command.get("type").asText() + ": " + failure);
        } else if (reason.equals(Skips.OVERTAKEN) && isRefusedWithoutLaterFeatures(command)) {
            result.passed++;
        } else {
            result.skipped.merge(reason, 1, Integer::sum);
        }
    }

    /** Tries a module that a later version of WebAssembly allows on engines that have less and less of that version. */
    private boolean isRefusedWithoutLaterFeatures(JsonNode command) {
        return List.of("assert_invalid", "assert_malformed").contains(command.get("type").asText())
                && earlier.stream().anyMatch(engine -> {
                    try {
                        module(engine, command).close();
                        return false;
                    } catch (WasmtimeException e) {
                        return true;
                    }
                });
    }

    private void run(JsonNode command) {
        switch (command.get("type").asText()) {
            case "module" -> current = named(instances, command.get("name"), instantiate(module(command)));
            case "module_definition" -> named(modules, command.get("name"), module(command));
            case "module_instance" -> current = named(instances, command.get("instance"),
                    instantiate(modules.get(key(command.get("module")))));
            case "register" -> linker.instance(command.get("as").asText(), instance(command.get("name")));
            case "action" -> perform(command);
            case "assert_return" -> expectReturn(command);
            case "assert_trap", "assert_exhaustion" -> expectTrap(command, () -> perform(command));
            case "assert_uninstantiable" -> expectTrap(command, () -> instantiate(module(command)));
            case "assert_exception" -> expectException(() -> perform(command));
            case "assert_unlinkable" -> {
                try (Module module = module(command)) {
                    expectRefusal("the imports", () -> linker.instantiatePre(module).close());
                }
            }
            case "assert_invalid", "assert_malformed" -> expectRefusal("the module", () -> module(command).close());
            default -> throw new AssertionError("a command that is not known here");
        }
    }

    private Module module(JsonNode command) {
        return module(engine, command);
    }

    private Module module(Engine engine, JsonNode command) {
        return Module.fromFile(engine, file.resolveSibling(command.get("filename").asText()).toString());
    }

    private Instance instantiate(Module module) {
        return linker.instantiate(module);
    }

    /** Returns an instance by name; without a name, the latest. */
    private static String key(JsonNode given) {
        return given == null ? "" : given.asText();
    }

    private static <T> T named(Map<String, T> map, JsonNode given, T value) {
        map.put(key(given), value);
        map.put("", value);
        return value;
    }

    private Instance instance(JsonNode given) {
        return given == null ? current : instances.get(given.asText());
    }

    /** Calls a function, alternating between the two ways to do so, or reads a global variable. */
    private Object[] perform(JsonNode command) {
        JsonNode action = command.get("action");
        Instance instance = instance(action.get("module"));
        String field = action.get("field").asText();
        if (action.get("type").asText().equals("get")) {
            return new Object[] {instance.getExport(field).orElseThrow().global().get()};
        }
        Func func = instance.getFunc(field);
        Object[] arguments = Constants.arguments(action.get("args"));
        if (command.get("line").asInt() % 2 == 0) {
            return func.call(arguments);
        }
        Object returned = invoke(func, arguments);
        return returned instanceof Object[] several ? several : new Object[] {returned};
    }

    private static Object invoke(Func func, Object[] arguments) {
        try {
            return WasmFunctions.handle(func).invokeWithArguments(arguments);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a checked exception", e);
        }
    }

    private void expectReturn(JsonNode command) {
        JsonNode expected = command.get("expected");
        Object[] returned = perform(command);
        for (int i = 0; i < expected.size(); i++) {
            if (!Constants.matches(expected.get(i), returned[i])) {
                throw new AssertionError("result " + i + " is " + returned[i] + ", not " + expected.get(i));
            }
        }
    }

    private static void expectTrap(JsonNode command, Runnable body) {
        String text = command.get("text").asText();
        try {
            body.run();
        } catch (TrapException e) {
            if (!Traps.codes(text).contains(e.code())) {
                throw new AssertionError("trapped with " + e.code() + " for: " + text, e);
            }
            return;
        }
        throw new AssertionError("no trap: " + text);
    }

    private static void expectException(Runnable body) {
        try {
            body.run();
        } catch (WasmException expected) {
            return;
        }
        throw new AssertionError("no exception");
    }

    private static void expectRefusal(String what, Runnable body) {
        try {
            body.run();
        } catch (TrapException e) {
            throw new AssertionError("a trap", e);
        } catch (WasmtimeException expected) {
            return;
        }
        throw new AssertionError(what + " came through");
    }

    @Override
    public void close() {
        linker.close();
        store.close();
    }
}
