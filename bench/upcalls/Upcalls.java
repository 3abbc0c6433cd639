import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.ref.WeakReference;
import java.util.Arrays;
import java.util.Collections;

/**
 * An experiment: native code, called by JNI, calls Java functions by JNI and by an upcall stub of java.lang.foreign.
 * {@code run.sh} runs it; it needs JDK 22 or later and no part of the build.
 */
class Upcalls {
    private static final int ROUNDS = 20;
    private static final int WARM_UP = 5;
    private static final long TIMES = 300_000;

    /** A host function, as the binding calls it. */
    interface HostFunction {
        long call(long a, long b, long c, long d);
    }

    private static final HostFunction[] FUNCTIONS = {
        (a, b, c, d) -> a, (a, b, c, d) -> a + 1, (a, b, c, d) -> a ^ 1, (a, b, c, d) -> a + b};

    /** The stub's target, which the stub holds weakly. */
    private static MethodHandle target;

    private static native long jni(Class<?> type, HostFunction function, long times);

    private static native long stub(long address, long number, long times);

    /** The stub's target. An exception that came out of a stub would end the JVM. */
    private static long call(long number, long a, long b, long c, long d) {
        try {
            return FUNCTIONS[(int) number].call(a, b, c, d);
        } catch (Throwable e) {
            return -1;
        }
    }

    public static void main(String[] args) throws ReflectiveOperationException {
        System.load(args[0]);
        long start = System.nanoTime();
        long address = makeStub();
        System.out.printf("the first stub: %.0f ms%n", (System.nanoTime() - start) / 1e6);
        double[] jni = new double[ROUNDS];
        double[] stub = new double[ROUNDS];
        for (int round = -WARM_UP; round < ROUNDS; round++) {
            double byJni = time(number -> jni(HostFunction.class, FUNCTIONS[number], TIMES));
            double byStub = time(number -> stub(address, number, TIMES));
            if (round >= 0) {
                jni[round] = byJni;
                stub[round] = byStub;
            }
        }
        Arrays.sort(jni);
        Arrays.sort(stub);
        System.out.printf("JNI: %.0f ns, stub: %.0f ns, ratio: %.2f (medians); %.2f (minima)%n", jni[ROUNDS / 2],
                stub[ROUNDS / 2], stub[ROUNDS / 2] / jni[ROUNDS / 2], stub[0] / jni[0]);
    }

    /** Makes a stub that holds its target weakly, so that it keeps no class loader. */
    private static long makeStub() throws ReflectiveOperationException {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        MethodType type = MethodType.methodType(long.class, Collections.nCopies(5, long.class));
        target = lookup.findStatic(Upcalls.class, "call", type);
        MethodHandle held = lookup.findVirtual(WeakReference.class, "get", MethodType.methodType(Object.class))
                .bindTo(new WeakReference<>(target)).asType(MethodType.methodType(MethodHandle.class));
        return Linker.nativeLinker().upcallStub(MethodHandles.foldArguments(MethodHandles.exactInvoker(type), held),
                FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                Arena.global()).address();
    }

    private interface Calls {
        long make(int number);
    }

    /** Returns the nanoseconds of a call. */
    private static double time(Calls calls) {
        long start = System.nanoTime();
        long sum = 0;
        for (int number = 0; number < FUNCTIONS.length; number++) {
            sum += calls.make(number);
        }
        if (sum <= 0) {
            throw new AssertionError(sum);
        }
        return (System.nanoTime() - start) / (double) (FUNCTIONS.length * TIMES);
    }
}
