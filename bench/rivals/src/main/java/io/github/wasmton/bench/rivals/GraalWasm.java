package io.github.wasmton.bench.rivals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.ByteSequence;
import org.graalvm.polyglot.proxy.ProxyExecutable;
import org.graalvm.polyglot.proxy.ProxyObject;

/** GraalWasm, through the polyglot API. Without a compiler in the JVM, Truffle interprets. */
final class GraalWasm implements Rival {
    private final byte[] wasm;
    private final Engine engine = Engine.newBuilder().option("engine.WarnInterpreterOnly", "false").build();
    private final Source source;
    private final Value memory;
    private final int address;
    private final Value empty;
    private final Value run;
    private final Value add;
    private final Value callbacks;
    private final Value fib;
    private final Value sha256;
    private byte[] task;

    GraalWasm(byte[] wasm) {
        this.wasm = wasm;
        source = source("kernels");
        Value exports = instance(context());
        memory = exports.getMember("memory");
        address = exports.getMember("buffer").execute().asInt();
        empty = exports.getMember("empty");
        run = exports.getMember("run");
        add = exports.getMember("sum");
        callbacks = exports.getMember("callbacks");
        fib = exports.getMember("fib");
        sha256 = exports.getMember("sha256");
    }

    private Source source(String name) {
        try {
            return Source.newBuilder("wasm", ByteSequence.create(wasm), name).build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Context context() {
        return Context.newBuilder("wasm").engine(engine).build();
    }

    private Value instance(Context context) {
        ProxyExecutable hostAdd = args -> args[0].asInt() + args[1].asInt();
        ProxyExecutable poll = args -> {
            write((int) args[0].asLong(), task);
            return task.length;
        };
        ProxyObject imports = ProxyObject.fromMap(Map.of(
                "host", ProxyObject.fromMap(Map.of("add", hostAdd)),
                "decaton", ProxyObject.fromMap(Map.of("poll_task", poll))));
        return context.eval(source).newInstance(imports).getMember("exports");
    }

    private void write(int to, byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            memory.writeBufferByte(to + i, bytes[i]);
        }
    }

    @Override
    public void empty() {
        empty.executeVoid();
    }

    @Override
    public int add(int a, int b) {
        return add.execute(a, b).asInt();
    }

    @Override
    public int callbacks(int times) {
        return callbacks.execute(times).asInt();
    }

    @Override
    public void process(byte[] value) {
        task = value;
        run.executeVoid();
    }

    @Override
    public void write(byte[] from) {
        write(address, from);
    }

    @Override
    public void read(byte[] target) {
        memory.readBuffer(address, target, 0, target.length);
    }

    @Override
    public int fib(int n) {
        return fib.execute(n).asInt();
    }

    @Override
    public int sha256() {
        return sha256.execute().asInt();
    }

    @Override
    public void instantiate() {
        try (Context context = context()) {
            instance(context);
        }
    }

    @Override
    public void load() {
        try (Engine own = Engine.newBuilder().option("engine.WarnInterpreterOnly", "false").build();
             Context context = Context.newBuilder("wasm").engine(own).build()) {
            context.eval(source("again"));
        }
    }
}
