package io.github.kawamuray.wasmtime;

import java.nio.file.Path;

import io.github.wasmton.wasmtime.CodeCache;
import io.github.wasmton.wasmtime.WasmFeature;

/** The settings of an {@link Engine}: {@link io.github.wasmton.wasmtime.Config}. Each setter returns this object. */
public class Config implements Disposable {
    final io.github.wasmton.wasmtime.Config delegate = new io.github.wasmton.wasmtime.Config();

    /** Creates the default settings. */
    public Config() {}

    /** Changes nothing: native debuggers see no source of wasm. */
    public Config debugInfo(boolean on) {
        return this;
    }

    /** Sets whether wasm checks the engine's epoch. */
    public Config epochInterruption(boolean on) {
        delegate.epochInterruption(on);
        return this;
    }

    /** Sets the stack that wasm may use, in bytes. Default: 256 KiB, half of the default of 0.19.0. */
    public Config maxWasmStack(long bytes) {
        delegate.maxWasmStack(bytes);
        return this;
    }

    /** Turns threads and shared memories on or off. */
    public Config wasmThreads(boolean on) {
        delegate.wasmFeature(WasmFeature.THREADS, on).sharedMemory(on);
        return this;
    }

    /** Turns reference types on or off. Off also turns off the features that need them. */
    public Config wasmReferenceTypes(boolean on) {
        delegate.wasmFeature(WasmFeature.REFERENCE_TYPES, on);
        if (!on) {
            delegate.wasmFeature(WasmFeature.FUNCTION_REFERENCES, false).wasmFeature(WasmFeature.GC, false)
                    .wasmFeature(WasmFeature.EXCEPTIONS, false);
        }
        return this;
    }

    /** Turns vectors on or off. Off also turns off the feature that needs them, relaxed SIMD. */
    public Config wasmSimd(boolean on) {
        delegate.wasmFeature(WasmFeature.SIMD, on);
        if (!on) {
            delegate.wasmFeature(WasmFeature.RELAXED_SIMD, false);
        }
        return this;
    }

    /** Turns copying and filling of memories and tables on or off. */
    public Config wasmBulkMemory(boolean on) {
        delegate.wasmFeature(WasmFeature.BULK_MEMORY, on);
        return this;
    }

    /** Turns functions with several results on or off. */
    public Config wasmMultiValue(boolean on) {
        delegate.wasmFeature(WasmFeature.MULTI_VALUE, on);
        return this;
    }

    /** Changes nothing: both strategies are Cranelift. */
    public Config strategy(Strategy strategy) {
        return this;
    }

    /** Sets how profilers learn the names of compiled functions. */
    public Config profiler(ProfilingStrategy strategy) {
        delegate.profiler(switch (strategy) {
            case NONE -> io.github.wasmton.wasmtime.ProfilingStrategy.NONE;
            case JIT_DUMP -> io.github.wasmton.wasmtime.ProfilingStrategy.JIT_DUMP;
            case V_TUNE -> io.github.wasmton.wasmtime.ProfilingStrategy.VTUNE;
        });
        return this;
    }

    /** Changes nothing: the compiler's own checks of its work cannot be turned on. */
    public Config craneliftDebugVerifier(boolean on) {
        return this;
    }

    /** Sets the goal of the compiler's optimisations. */
    public Config craneliftOptLevel(OptLevel level) {
        delegate.craneliftOptLevel(io.github.wasmton.wasmtime.OptLevel.valueOf(level.name()));
        return this;
    }

    /** Sets whether NaNs have the same bits on all CPUs. */
    public Config craneliftNanCanonicalization(boolean on) {
        delegate.craneliftNanCanonicalization(on);
        return this;
    }

    /**
     * Not supported: wasmtime's own cache is not bound.
     *
     * @throws UnsupportedOperationException always
     */
    public Config cacheConfigLoad(Path path) {
        throw new UnsupportedOperationException("wasmtime's cache is not bound: use cacheConfigLoadDefault(), or "
                + "io.github.wasmton.wasmtime.Config.cache for a directory of your choice");
    }

    /** Keeps compiled code in {@link CodeCache#ofUser}. */
    public Config cacheConfigLoadDefault() {
        delegate.cache(CodeCache.ofUser());
        return this;
    }

    /** Changes nothing: every memory has 4 GiB of address space reserved and does not move when it grows. */
    public Config staticMemoryMaximumSize(long bytes) {
        return this;
    }

    /** Sets the size of the inaccessible address space after a memory, in bytes. */
    public Config staticMemoryGuardSize(long bytes) {
        delegate.memoryGuardSize(bytes);
        return this;
    }

    /** Changes nothing: see {@link #staticMemoryMaximumSize}. */
    public Config dynamicMemoryGuardSize(long bytes) {
        return this;
    }

    @Override
    public void dispose() {}
}
