package io.github.wasmton.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.wasmton.internal.text.FileError;
import io.github.wasmton.wasmtime.CodeCache;
import io.github.wasmton.wasmtime.ResourceLimitException;
import io.github.wasmton.wasmtime.WasmtimeException;
import io.github.wasmton.wasmtime.internal.CodeFiles;
import io.github.wasmton.wasmtime.internal.NativeLibrary;
import io.github.wasmton.wasmtime.internal.NativeObject;

/**
 * A processor, compiled, checked and linked once for all threads: a core module of protocol 0 or 1, or a component
 * (WASI 0.2 or 0.3) of protocol 0 or of the world {@code decaton:processor}. The file determines which one. Any number
 * of threads may use it. A closed module makes no more guests; its existing guests keep working.
 */
public final class GuestModule extends NativeObject {
    static {
        NativeLibrary.register(GuestModule.class);
    }

    private static final Logger log = LoggerFactory.getLogger(GuestModule.class);

    /** Size in bytes from which compiling takes so long that a log line announces it. */
    private static final int LARGE = 1 << 20;
    /** First bytes of core modules and components. */
    private static final byte[] MAGIC = {0, 'a', 's', 'm'};

    private final Path path;
    private final GuestOptions options;
    private final String sha256;
    private final Kind kind;
    private final boolean importsState;

    private GuestModule(long handle, Path path, GuestOptions options, String sha256) {
        super(handle, GuestModule::destroyModule);
        this.path = path;
        this.options = options;
        this.sha256 = sha256;
        int number = kind(handle);
        this.kind = KINDS.get(number % KINDS.size());
        this.importsState = number >= KINDS.size();
    }

    /** The kind of a processor. */
    record Kind(boolean component, Protocol protocol, boolean batches) {}

    /** Kinds by their number in Rust. */
    private static final List<Kind> KINDS = List.of(new Kind(false, Protocol.ZERO, false),
            new Kind(false, Protocol.ONE, false), new Kind(true, Protocol.WORLD, false),
            new Kind(true, Protocol.ZERO, false), new Kind(false, Protocol.ONE, true),
            new Kind(true, Protocol.WORLD, true));

    /** Loads a guest like {@link #load(Path, GuestOptions, CodeCache)}, with the cache of the current user. */
    public static GuestModule load(Path path, GuestOptions options) {
        return load(path, options, CodeCache.ofUser());
    }

    /**
     * Reads, compiles and links a file in the binary or text format. This takes from a tenth of a second to half a
     * minute, depending on the guest's size, and milliseconds if the cache has the compiled code.
     *
     * @throws InvalidGuestException if it is not a processor; the message says what is wrong and how to correct it
     * @throws ResourceLimitException if the system has no thread or address space for it
     */
    public static GuestModule load(Path path, GuestOptions options, CodeCache cache) {
        Objects.requireNonNull(cache, "cache");
        byte[] wasm = read(path);
        String sha256 = CodeFiles.sha256(wasm);
        boolean kept = CodeFiles.keeps(cache, wasm.length);
        CodeFiles.Compilation<GuestModule> compilation = new CodeFiles.Compilation<>() {
            @Override
            public GuestModule compile() {
                if (wasm.length >= LARGE) {
                    log.info("Compiling {} ({}MiB), which takes some seconds{}", path, wasm.length >> 20,
                            kept ? "; the next start takes it from the cache" : "");
                }
                try {
                    return load(null);
                } catch (ResourceLimitException e) {
                    throw e;  // says nothing of the file
                } catch (WasmtimeException e) {
                    throw new InvalidGuestException(path + " is not valid WebAssembly: " + e.getMessage(), e);
                }
            }

            @Override
            public void save(GuestModule compiled, Path file) {
                GuestModule.save(handleOf(compiled), file.toString());
            }

            @Override
            public GuestModule load(Path file) {
                return new GuestModule(GuestModule.compile(path, wasm, file, options), path, options, sha256);
            }

            @Override
            public void debug(String message) {
                log.debug("{}", message);
            }
        };
        return kept ? CodeFiles.load(cache, new CodeFiles.Key(sha256, compatibility()), compilation)
                : compilation.compile();
    }

    /** Compiles and links a guest; only links it if {@code code} names a file with the compiled code. */
    private static long compile(Path path, byte[] wasm, Path code, GuestOptions options) {
        try {
            return compile(wasm, code == null ? null : code.toString(), GuestDescription.of(options));
        } catch (IllegalArgumentException e) {
            throw new InvalidGuestException(path + " cannot serve as a processor: " + e.getMessage(), e);
        }
    }

    /**
     * Makes an instance: runs its start function, and {@code _initialize} if it has one. This takes tens of
     * microseconds plus the time of these functions.
     *
     * @throws WasmtimeException if it does not start: it traps or exits, or a directory cannot be opened
     */
    public Guest instantiate() {
        Guest guest = Guest.onThread(instantiate(handleOf(this)), options, kind);
        guest.tellOfStart();
        return guest;
    }

    /** Returns the file that it was loaded from. */
    public Path path() {
        return path;
    }

    /** Returns the grants, deadlines and limits of its guests. */
    public GuestOptions options() {
        return options;
    }

    /** Returns the SHA-256 of the file, in hexadecimal. */
    public String sha256() {
        return sha256;
    }

    /** Returns whether it is a component. Otherwise it is a core module. */
    public boolean component() {
        return kind.component();
    }

    Kind kind() {
        return kind;
    }

    /**
     * Returns whether its guests take batches ({@link Guest#processBatch}): a component exports {@code batch-handler},
     * a core module imports {@code next_batch}. Such a guest has no stores.
     */
    public boolean takesBatches() {
        return kind.batches();
    }

    /**
     * Returns whether it imports functions of stores: the interface {@code state} of the world, or functions of
     * protocol 1 whose names begin with {@code state_}. Such a guest usually needs {@link GuestOptions#state()}; any
     * other guest makes no use of it.
     */
    public boolean importsState() {
        return importsState;
    }

    /** Returns the way in which its guests take tasks. Those of protocol 0 get only the value of the record. */
    public Protocol protocol() {
        return kind.protocol();
    }

    /**
     * Returns the linear memory of all its guests together, in bytes. It grows while they run and shrinks when they
     * end. Any thread may call this at any time.
     *
     * @throws IllegalStateException if the module is closed
     */
    public long memoryInUse() {
        return memoryInUse(handleOf(this));
    }

    /**
     * Returns the memory of the host that all its guests make it hold, in bytes: header tables, requests, bodies,
     * handles, lines for the log, produced records. The linear memory is not among it.
     *
     * @throws IllegalStateException if the module is closed
     */
    public long hostMemoryInUse() {
        return hostMemoryInUse(handleOf(this));
    }

    /**
     * Returns the guest's own counters, by name: the sums over all its instances, however their tasks ended. A guest
     * counts by the interface {@code metrics} of the world, or by {@code count} of protocol 1. Any thread may
     * call this at any time.
     *
     * @throws IllegalStateException if the module is closed
     */
    public Map<String, Long> counts() {
        String[] texts = counts(handleOf(this));
        Map<String, Long> counts = new TreeMap<>();
        for (int i = 0; i < texts.length; i += 2) {
            counts.put(texts[i], Long.parseUnsignedLong(texts[i + 1]));
        }
        return counts;
    }

    /**
     * Sets the bytes that the guests of all modules of this process may have together, of linear memory and of the
     * host's; by default there is no such limit. A guest that asks for more is refused it. A new instance waits for the
     * memory that it begins with, up to its start deadline.
     */
    public static void maxTotalMemory(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("guests need memory, not " + bytes + " bytes");
        }
        setMostTotalMemory(bytes);
    }

    /** Returns the memory of all guests of this process, in bytes: linear memory and the host's. */
    public static long totalMemoryInUse() {
        return totalMemory();
    }

    private static byte[] read(Path path) {
        byte[] wasm;
        try {
            wasm = Files.readAllBytes(path);
        } catch (NoSuchFileException e) {
            throw new InvalidGuestException("There is no file " + path + ". Give the path of the .wasm file.", e);
        } catch (IOException e) {
            throw new InvalidGuestException("Cannot read " + path + ": " + FileError.of(e) + '.', e);
        }
        if (!startsWith(wasm, MAGIC) && !isText(path)) {
            throw new InvalidGuestException(path + " is not WebAssembly: it does not begin with \\0asm. Give the .wasm"
                    + " file that the compiler made, or a text file whose name ends in .wat.", null);
        }
        return wasm;
    }

    private static boolean isText(Path path) {
        return path.toString().endsWith(".wat");
    }

    private static boolean startsWith(byte[] bytes, byte[] start) {
        return bytes.length >= start.length && Arrays.equals(bytes, 0, start.length, start, 0, start.length);
    }

    /** Compiles wasm, or loads {@code code}, the file that {@link #save(long, String)} wrote, if that is not null. */
    private static native long compile(byte[] wasm, String code, GuestDescription guest);

    /** Writes the compiled code to a file for {@code compile}. */
    private static native void save(long module, String path);

    /**
     * Returns a text that is equal for equal compiled code of equal wasm: it stands for everything else that the
     * compiler depends on.
     */
    private static native String compatibility();

    /** Returns the position in {@link #KINDS}, plus their number if the guest imports functions of stores. */
    private static native int kind(long module);

    private static native long memoryInUse(long module);

    private static native long hostMemoryInUse(long module);

    /** Returns each name, and behind it its sum. */
    private static native String[] counts(long module);

    private static native void setMostTotalMemory(long bytes);

    private static native long totalMemory();

    private static native long instantiate(long module);

    private static native void destroyModule(long module);
}
