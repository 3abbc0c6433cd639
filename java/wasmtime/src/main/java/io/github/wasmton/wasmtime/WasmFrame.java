package io.github.wasmton.wasmtime;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A stack frame of a wasm function.
 *
 * @param module       the name of its module, if it has one
 * @param funcIndex    its index in the module
 * @param funcName     its name, if the module has names
 * @param moduleOffset its position in the module's bytes
 * @param funcOffset   its position in the function's bytes
 * @param symbols      its place in the source, if the module has debug information; of functions that the compiler
 *                     inlined, the innermost comes first
 */
public record WasmFrame(Optional<String> module, int funcIndex, Optional<String> funcName, OptionalLong moduleOffset,
        OptionalLong funcOffset, List<Symbol> symbols) {
    /**
     * A place in a source file.
     *
     * @param name the function
     * @param file the file
     * @param line the line, from 1
     */
    public record Symbol(Optional<String> name, Optional<String> file, OptionalInt line) {}

    /** Copies the list. */
    public WasmFrame {
        symbols = List.copyOf(symbols);
    }

    /** Parses the output of {@code frames} in exceptions.rs. */
    static List<WasmFrame> read(String[] flat) {
        List<WasmFrame> frames = new ArrayList<>();
        for (int i = 0; i < flat.length;) {
            Optional<String> module = text(flat[i]);
            int index = Integer.parseInt(flat[i + 1]);
            Optional<String> function = text(flat[i + 2]);
            OptionalLong moduleOffset = offset(flat[i + 3]);
            OptionalLong funcOffset = offset(flat[i + 4]);
            int count = Integer.parseInt(flat[i + 5]);
            List<Symbol> symbols = new ArrayList<>();
            for (i += 6; count > 0; count--, i += 3) {
                OptionalInt line = flat[i + 2].isEmpty() ? OptionalInt.empty()
                        : OptionalInt.of(Integer.parseInt(flat[i + 2]));
                symbols.add(new Symbol(text(flat[i]), text(flat[i + 1]), line));
            }
            frames.add(new WasmFrame(module, index, function, moduleOffset, funcOffset, symbols));
        }
        return Collections.unmodifiableList(frames);
    }

    private static Optional<String> text(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    private static OptionalLong offset(String text) {
        return text.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(text));
    }

    /** Adds the frames on top of the stack trace of an exception created where wasm was entered. */
    static void addTo(Throwable exception, List<WasmFrame> frames) {
        List<StackTraceElement> trace = new ArrayList<>();
        frames.forEach(frame -> trace.addAll(frame.toStackTrace()));
        trace.addAll(Arrays.asList(exception.getStackTrace()));
        exception.setStackTrace(trace.toArray(StackTraceElement[]::new));
    }

    /** Converts the frame to lines of a Java stack trace: one for each symbol, or one. */
    List<StackTraceElement> toStackTrace() {
        String place = "wasm." + module.orElse("module");
        String function = funcName.orElse("func[" + funcIndex + "]");
        if (symbols.isEmpty()) {
            String offset = moduleOffset.isPresent() ? "0x" + Long.toHexString(moduleOffset.getAsLong()) : null;
            return List.of(new StackTraceElement(place, function, offset, -1));
        }
        List<StackTraceElement> lines = new ArrayList<>();
        for (Symbol symbol : symbols) {
            lines.add(new StackTraceElement(place, symbol.name.orElse(function), symbol.file.orElse(null),
                    symbol.line.orElse(-1)));
        }
        return lines;
    }
}
