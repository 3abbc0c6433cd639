package io.github.wasmton.internal.author;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Section headers, names and producers of a WebAssembly file: a core module, or a component with the core modules in
 * it. It reads what the file says of itself and validates nothing; wasmtime does that.
 */
final class WasmFile {
    /** Bytes in front of the first section: the magic number and the version. */
    private static final int HEADER = 8;
    private static final int MAGIC = 0x6d736100;
    private static final int CORE = 1;
    private static final int COMPONENT = 0x1000d;
    private static final int NO_LIMIT = -1;
    private static final int STACK_ALIGNMENT = 16;
    private static final int I32 = 0x7f;
    private static final int I32_CONST = 0x41;

    private static final String[] CORE_PARTS = {"custom", "types", "imports", "functions", "tables", "memories",
        "globals", "exports", "start", "elements", "code", "data", "data count", "tags"};

    private final boolean component;
    private final Map<String, Long> parts = new LinkedHashMap<>();
    private final List<String> imports = new ArrayList<>();
    private final List<String> exports = new ArrayList<>();
    private final Map<String, Map<String, String>> producers = new TreeMap<>();
    private final List<Memory> memories = new ArrayList<>();
    private final List<WasmFile> modules = new ArrayList<>();
    private long stackPointer = NO_LIMIT;
    private long dataBegin = Long.MAX_VALUE;
    private long dataEnd;

    /**
     * A memory of a module.
     *
     * @param minimum pages of 64 KiB at the start
     * @param maximum most pages; -1 if the module sets no limit
     */
    record Memory(long minimum, long maximum) {}

    private WasmFile(boolean component) {
        this.component = component;
    }

    /**
     * Reads a file's content.
     *
     * @throws IllegalArgumentException if it is not a whole WebAssembly file
     */
    static WasmFile read(byte[] content) {
        ByteBuffer in = ByteBuffer.wrap(content).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        if (content.length < HEADER || in.getInt() != MAGIC) {
            throw new IllegalArgumentException("it is not WebAssembly: it does not begin with \\0asm");
        }
        int version = in.getInt();
        if (version != CORE && version != COMPONENT) {
            throw new IllegalArgumentException("it has the unknown version 0x" + Integer.toHexString(version));
        }
        WasmFile file = new WasmFile(version == COMPONENT);
        try {
            while (in.hasRemaining()) {
                int id = in.get();
                int size = size(in);
                ByteBuffer section = in.slice(in.position(), size).order(java.nio.ByteOrder.LITTLE_ENDIAN);
                in.position(in.position() + size);
                if (id == 0) {
                    file.custom(section);
                } else if (file.component) {
                    file.componentSection(id, section);
                } else {
                    file.coreSection(id, section);
                }
            }
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("it ends in the middle of a section: it was not written to its end", e);
        }
        return file;
    }

    /** Returns whether it is a component, and not a core module. */
    boolean component() {
        return component;
    }

    /** Returns the bytes of each part: code, data, names and the like; those of the modules of a component together. */
    Map<String, Long> parts() {
        return parts;
    }

    /** Returns the imports: {@code module.name} of a core module, the names of a component's. */
    List<String> imports() {
        return imports;
    }

    /** Returns the names of the exports. */
    List<String> exports() {
        return exports;
    }

    /** Returns versions by program, by the field ({@code language}, {@code processed-by}, {@code sdk}). */
    Map<String, Map<String, String>> producers() {
        return producers;
    }

    /** Returns the memories, those of a component's modules included. */
    List<Memory> memories() {
        return memories;
    }

    /** Returns the core modules in a component. */
    List<WasmFile> modules() {
        return modules;
    }

    /**
     * Returns the bytes of the stack in linear memory, at most; -1 if the module has none that is known. It grows down
     * from the first global, in tool chains of LLVM, with the data either above or below.
     */
    long stack() {
        if (component) {
            return modules.stream().mapToLong(WasmFile::stack).max().orElse(NO_LIMIT);
        }
        if (stackPointer <= 0 || stackPointer % STACK_ALIGNMENT != 0) {
            return NO_LIMIT;
        }
        return stackPointer <= dataBegin ? stackPointer : stackPointer >= dataEnd ? stackPointer - dataEnd : NO_LIMIT;
    }

    private void add(String part, long bytes) {
        parts.merge(part, bytes, Long::sum);
    }

    private void custom(ByteBuffer section) {
        long bytes = section.remaining();
        String name = name(section);
        if (name.equals("name") || name.equals("component-name")) {
            add("names", bytes);
        } else if (name.startsWith(".debug") || name.equals("sourceMappingURL")) {
            add("debug information", bytes);
        } else {
            add("other", bytes);
        }
        if (name.equals("producers")) {
            for (int fields = size(section); fields > 0; fields--) {
                Map<String, String> field = producers.computeIfAbsent(name(section), any -> new TreeMap<>());
                for (int values = size(section); values > 0; values--) {
                    field.put(name(section), name(section));
                }
            }
        }
    }

    // ---- core modules ----

    private void coreSection(int id, ByteBuffer section) {
        add(id < CORE_PARTS.length ? CORE_PARTS[id] : "other", section.remaining());
        switch (id) {
            case 2 -> {
                for (int i = size(section); i > 0; i--) {
                    imports.add(name(section) + '.' + name(section));
                    importType(section);
                }
            }
            case 5 -> {
                for (int i = size(section); i > 0; i--) {
                    memory(section);
                }
            }
            case 6 -> firstGlobal(section);
            case 7 -> {
                for (int i = size(section); i > 0; i--) {
                    exports.add(name(section));
                    section.get();
                    size(section);
                }
            }
            case 11 -> {
                for (int i = size(section); i > 0 && data(section); i--) {
                    // The extent of each segment is noted.
                }
            }
            default -> { }
        }
    }

    private void firstGlobal(ByteBuffer in) {
        boolean mutableNumber = size(in) > 0 && (in.get() & 0xff) == I32 && in.get() == 1;
        if (mutableNumber && in.get() == I32_CONST) {
            stackPointer = signed(in);
        }
    }

    /** Reads a segment of data; returns false at one whose place is computed. */
    private boolean data(ByteBuffer in) {
        long flags = leb(in);
        if (flags == 2) {
            leb(in);  // the number of the memory
        }
        if (flags != 1) {
            if (in.get() != I32_CONST) {
                return false;
            }
            long at = signed(in);
            in.get();  // the end of the expression
            dataBegin = Math.min(dataBegin, at);
            dataEnd = Math.max(dataEnd, at + skip(in));
        } else {
            skip(in);
        }
        return true;
    }

    /** Skips bytes with their number in front; returns the number. */
    private static int skip(ByteBuffer in) {
        int length = size(in);
        if (length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        in.position(in.position() + length);
        return length;
    }

    private void importType(ByteBuffer in) {
        switch (in.get()) {
            case 0 -> size(in);
            case 1 -> {
                valueType(in);
                limits(in);
            }
            case 2 -> memory(in);
            case 3 -> {
                valueType(in);
                in.get();
            }
            case 4 -> {
                in.get();
                size(in);
            }
            default -> throw new IllegalArgumentException("it has an import of an unknown kind");
        }
    }

    private void memory(ByteBuffer in) {
        memories.add(limits(in));
    }

    private static Memory limits(ByteBuffer in) {
        int flags = in.get();
        long minimum = leb(in);
        long maximum = (flags & 1) == 0 ? NO_LIMIT : leb(in);
        if ((flags & 8) != 0) {
            leb(in);  // the size of a page
        }
        return new Memory(minimum, maximum);
    }

    /** Skips a type: one byte, or two for a reference with its heap type. */
    private static void valueType(ByteBuffer in) {
        int type = in.get() & 0xff;
        if (type == 0x63 || type == 0x64) {
            leb(in);
        }
    }

    // ---- components ----

    private void componentSection(int id, ByteBuffer section) {
        switch (id) {
            case 1 -> {
                byte[] module = new byte[section.remaining()];
                section.get(module);
                add(read(module));
            }
            case 4 -> {
                byte[] nested = new byte[section.remaining()];
                section.get(nested);
                WasmFile inner = read(nested);
                inner.modules.forEach(this::add);
                add("component", nested.length - inner.modules.stream()
                        .flatMap(module -> module.parts.values().stream()).mapToLong(Long::longValue).sum());
            }
            case 10 -> {
                for (int i = size(section); i > 0; i--) {
                    section.get();
                    imports.add(name(section));
                    externType(section);
                }
            }
            case 11 -> {
                for (int i = size(section); i > 0; i--) {
                    section.get();
                    exports.add(name(section));
                    if (section.get() == 0) {
                        section.get();  // the sort of a core item
                    }
                    size(section);
                    if (section.get() == 1) {
                        externType(section);
                    }
                }
            }
            default -> add("component", section.limit());
        }
        if (id == 10 || id == 11) {
            add("component", section.limit());
        }
    }

    private void add(WasmFile module) {
        modules.add(module);
        module.parts.forEach(this::add);
        memories.addAll(module.memories);
        module.producers.forEach((field, values) ->
                producers.computeIfAbsent(field, any -> new TreeMap<>()).putAll(values));
    }

    private static void externType(ByteBuffer in) {
        int sort = in.get();
        switch (sort) {
            case 0 -> {
                in.get();
                size(in);
            }
            case 1, 4, 5 -> size(in);
            case 2, 3 -> {
                if (in.get() == 0 || sort == 2) {
                    leb(in);
                }
            }
            default -> throw new IllegalArgumentException("it has an import or export of an unknown kind");
        }
    }

    // ---- numbers and names ----

    private static String name(ByteBuffer in) {
        byte[] name = new byte[Math.min(size(in), in.remaining() + 1)];
        in.get(name);
        return new String(name, UTF_8);
    }

    private static int size(ByteBuffer in) {
        long size = leb(in);
        if (size < 0 || size > Integer.MAX_VALUE) {
            throw new IndexOutOfBoundsException(Long.toString(size));
        }
        return (int) size;
    }

    /** Reads a signed number of 32 bits. */
    private static long signed(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            int next = in.get();
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return (next & 0x40) != 0 ? value | -1L << shift + 7 : value;
            }
        }
        throw new IndexOutOfBoundsException("a number does not end");
    }

    private static long leb(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            int next = in.get();
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IndexOutOfBoundsException("a number does not end");
    }
}
