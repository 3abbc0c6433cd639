package io.github.wasmton.wasmtime.internal;

/** A {@link HostFunction} with more parameters. */
public interface HostManyFunction {
    /** Calls the function. Unused parameters are 0; the result is ignored if the function has none. */
    long call(long a, long b, long c, long d, long e, long f, long g, long h, long i, long j, long k, long l, long m,
            long n, long o, long p);
}
