package io.github.wasmton.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;

import io.github.wasmton.wasmtime.WasmtimeException;
import io.github.wasmton.wasmtime.internal.NativeLibrary;
import io.github.wasmton.wasmtime.internal.NativeObject;
import io.github.wasmton.wasmtime.internal.WasiDescription;

/**
 * A processor, compiled, checked and linked once for all threads: a core module of protocol 0, or a component (WASI
 * 0.2) of protocol 0 or of the world {@code decaton:processor}; which one is seen from the file. Any number of threads
 * may use it. Closing it leaves its guests alone; it makes no more of them then.
 */
public final class GuestModule extends NativeObject {
    static {
        NativeLibrary.register(GuestModule.class);
    }

    /** How core modules and components begin. */
    private static final byte[] MAGIC = {0, 'a', 's', 'm'};

    private final Path path;
    private final GuestOptions options;
    private final String sha256;
    private final boolean component;

    private GuestModule(long handle, Path path, GuestOptions options, String sha256) {
        super(handle, GuestModule::destroyModule);
        this.path = path;
        this.options = options;
        this.sha256 = sha256;
        this.component = isComponent(handle);
    }

    /**
     * Reads, compiles and links a file in the binary or the text format. Takes from a tenth of a second to tens of
     * seconds, by the size of the guest.
     *
     * @throws InvalidGuestException if it is no processor; the message says what is wrong and how to mend it
     */
    public static GuestModule load(Path path, GuestOptions options) {
        byte[] wasm = read(path);
        String[] configuration = options.configuration().entrySet().stream()
                .flatMap(setting -> Stream.of(setting.getKey(), setting.getValue())).toArray(String[]::new);
        long handle;
        try {
            handle = compile(wasm, WasiDescription.of(options.wasi()),
                    options.network().connect().toArray(String[]::new),
                    options.network().listen().toArray(String[]::new),
                    options.outputs().topics().toArray(String[]::new), options.outputs().maxRecordBytes(),
                    options.outputs().maxTaskBytes(), configuration, GuestLog.lowestLevel(), options.deadline().toMillis());
        } catch (IllegalArgumentException e) {
            throw new InvalidGuestException(path + " cannot serve as a processor: " + e.getMessage(), e);
        } catch (WasmtimeException e) {
            throw new InvalidGuestException(path + " is not valid WebAssembly: " + e.getMessage(), e);
        }
        return new GuestModule(handle, path, options, sha256(wasm));
    }

    /**
     * Makes an instance: runs its start function, and {@code _initialize} if it has one. Takes tens of microseconds and
     * what the guest takes.
     *
     * @throws WasmtimeException if it does not start: it traps or exits, or a directory cannot be opened
     */
    public Guest instantiate() {
        return new Guest(instantiate(handleOf(this)), options, component);
    }

    /** The file that it was loaded from. */
    public Path path() {
        return path;
    }

    /** What its guests are granted. */
    public GuestOptions options() {
        return options;
    }

    /** The SHA-256 of the file, in hexadecimal. */
    public String sha256() {
        return sha256;
    }

    /** Whether it is a component, whose guests may get to see the whole record and not its value alone. */
    public boolean component() {
        return component;
    }

    private static byte[] read(Path path) {
        byte[] wasm;
        try {
            wasm = Files.readAllBytes(path);
        } catch (NoSuchFileException e) {
            throw new InvalidGuestException("There is no file " + path + ". Give the path of the .wasm file.", e);
        } catch (IOException e) {
            throw new InvalidGuestException("Cannot read " + path + ": " + e + '.', e);
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

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    private static native long compile(byte[] wasm, WasiDescription wasi, String[] connect, String[] listen,
            String[] outputTopics, int maxRecordBytes, int maxTaskBytes, String[] configuration, int logLevel, long deadlineMillis);

    /** Throws an {@link IllegalArgumentException} where a rule of {@link NetworkAccess} cannot be understood. */
    static native void checkNetwork(String[] connect, String[] listen);

    private static native boolean isComponent(long module);

    private static native long instantiate(long module);

    private static native void destroyModule(long module);
}
