package io.github.kawamuray.wasmtime;

/**
 * A type of wasm values, with its Java type: {@link io.github.wasmton.wasmtime.WasmValType}.
 *
 * @param <T> the Java type
 */
public interface WasmValType<T> {
    /** 32-bit integers. */
    WasmValType<Integer> I32 = new I32();
    /** 64-bit integers. */
    WasmValType<Long> I64 = new I64();
    /** 32-bit floats. */
    WasmValType<Float> F32 = new F32();
    /** 64-bit floats. */
    WasmValType<Double> F64 = new F64();

    /** Returns the type. */
    Val.Type type();

    /** Converts a value to Java. */
    T fromWasmVal(Val val);

    /** Converts a value to wasm. */
    Val toWasmVal(T val);

    /** The class of {@link WasmValType#I32}. */
    class I32 implements WasmValType<Integer> {
        @Override
        public Val.Type type() {
            return Val.Type.I32;
        }

        @Override
        public Integer fromWasmVal(Val val) {
            return val.i32();
        }

        @Override
        public Val toWasmVal(Integer val) {
            return Val.fromI32(val);
        }
    }

    /** The class of {@link WasmValType#I64}. */
    class I64 implements WasmValType<Long> {
        @Override
        public Val.Type type() {
            return Val.Type.I64;
        }

        @Override
        public Long fromWasmVal(Val val) {
            return val.i64();
        }

        @Override
        public Val toWasmVal(Long val) {
            return Val.fromI64(val);
        }
    }

    /** The class of {@link WasmValType#F32}. */
    class F32 implements WasmValType<Float> {
        @Override
        public Val.Type type() {
            return Val.Type.F32;
        }

        @Override
        public Float fromWasmVal(Val val) {
            return val.f32();
        }

        @Override
        public Val toWasmVal(Float val) {
            return Val.fromF32(val);
        }
    }

    /** The class of {@link WasmValType#F64}. */
    class F64 implements WasmValType<Double> {
        @Override
        public Val.Type type() {
            return Val.Type.F64;
        }

        @Override
        public Double fromWasmVal(Val val) {
            return val.f64();
        }

        @Override
        public Val toWasmVal(Double val) {
            return Val.fromF64(val);
        }
    }
}
