package io.github.wasmton.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

import io.github.wasmton.wasmtime.WasmtimeException;
import io.github.wasmton.wasmtime.internal.NativeLibrary;
import io.github.wasmton.wasmtime.internal.NativeObject;
import io.github.wasmton.wasmtime.internal.WasiDescription;

/**
 * A processor, compiled, checked and linked once for all threads. Any number of threads may use it. Closing it leaves
 * its guests alone; it makes no more of them then.
 */
public final class GuestModule extends NativeObject {
    static {
        NativeLibrary.register(GuestModule.class);
    }

    /** How a core module begins: its magic number and version 1. A component has version 13 and layer 1. */
    private static final byte[] MAGIC = {0, 'a', 's', 'm'};
    private static final byte[] COMPONENT = {0, 'a', 's', 'm', 13, 0, 1, 0};

    private final Path path;
    private final GuestOptions options;
    private final String sha256;

    private GuestModule(long handle, Path path, GuestOptions options, String sha256) {
        super(handle, GuestModule::destroyModule);
        this.path = path;
        this.options = options;
        this.sha256 = sha256;
    }

    /**
     * Reads, compiles and links a file in the binary or the text format. Takes from a tenth of a second to tens of
     * seconds, by the size of the guest.
     *
     * @throws InvalidGuestException if it is no processor; the message says what is wrong and how to mend it
     */
    public static GuestModule load(Path path, GuestOptions options) {
        byte[] wasm = read(path);
        long handle;
        try {
            handle = compile(wasm, WasiDescription.of(options.wasi()), options.deadline().toMillis());
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
        return new Guest(instantiate(handleOf(this)), options);
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

    private static byte[] read(Path path) {
        byte[] wasm;
        try {
            wasm = Files.readAllBytes(path);
        } catch (NoSuchFileException e) {
            throw new InvalidGuestException("There is no file " + path + ". Give the path of the .wasm file.", e);
        } catch (IOException e) {
            throw new InvalidGuestException("Cannot read " + path + ": " + e + '.', e);
        }
        if (startsWith(wasm, COMPONENT)) {
            throw new InvalidGuestException(path + " is a component (WASI 0.2); this version runs core modules only."
                    + " Build the processor for wasm32-wasip1 or its like.", null);
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

    private static native long compile(byte[] wasm, WasiDescription wasi, long deadlineMillis);

    private static native long instantiate(long module);

    private static native void destroyModule(long module);
}
