package io.github.wasmton.wasmtime.internal;

/** {@link HostFunction} with more parameters. */
public interface HostManyFunction {
    /** Parameters that the function does not have are 0; the result of one that has none is not looked at. */
    long call(long a, long b, long c, long d, long e, long f, long g, long h, long i, long j, long k, long l, long m,
            long n, long o, long p);
}
