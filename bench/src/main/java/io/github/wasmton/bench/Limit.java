package io.github.wasmton.bench;

/**
 * The reference for the product: the same work with nothing around it, in Rust ({@code bench/rust}). A native method
 * with the parameter {@code times} repeats its work that often in one crossing. Handles live until the JVM ends.
 */
final class Limit {
    static {
        System.load(System.getProperty("wasmton.bench.library"));
    }

    private static int calls;

    private Limit() {}

    /** Crosses to Rust and back. */
    static native void empty();

    /** Crosses that many times. */
    static void crossings(int times) {
        for (int i = 0; i < times; i++) {
            empty();
        }
    }

    /** Instantiates {@code functions.wat}. */
    static native long functions(byte[] wasm);

    static native void callEmpty(long functions, int times);

    static native void callAdd(long functions, int times);

    /**
     * Instantiates {@code components.wat}, for byte lists of that length.
     *
     * @param concurrent true if wasmtime is to be ready for async components, which its default is
     */
    static native long component(byte[] wasm, int bytes, boolean concurrent);

    /** Calls the function of that number with wasmtime's dynamic values. */
    static native void callDynamic(long component, int function, int times);

    /** Calls the function of that number with types of Rust. */
    static native void callTyped(long component, int function, int times);

    /** Instantiates {@code process.wat}, for tasks with values of that length. */
    static native long processor(byte[] wasm, int bytes);

    /** Gives the same task to a processor; its value is copied from Rust's own memory each time. */
    static native void process(long processor, int times);

    /** Calls {@link #called}. */
    static native void upcalls(int times);

    /** Does a minimum of work: HotSpot does not even call an empty method. */
    private static void called() {
        calls++;
    }

    /** Creates an engine with the settings of the product's. */
    static native long engine();

    /** Compiles and links a guest, and drops it. */
    static native void compile(long engine, byte[] wasm);

    static native long module(long engine, byte[] wasm);

    /** Creates an instance of a guest, and drops it. */
    static native void instantiate(long module);

    static native long guest(long module);

    /** Gives the task to a guest; it is copied from the Java array each time. */
    static native void runTasks(long guest, byte[] task, int times);

    /** Gives the task to a guest; it is copied from Rust's own memory each time. */
    static native void runTasksOfRust(long guest, byte[] task, int times);
}
