package io.github.wasmton.bench.rivals;

import java.util.List;
import java.util.function.Function;

import run.endive.compiler.MachineFactoryCompiler;
import run.endive.runtime.ExportFunction;
import run.endive.runtime.HostFunction;
import run.endive.runtime.ImportValues;
import run.endive.runtime.Instance;
import run.endive.runtime.Machine;
import run.endive.runtime.Memory;
import run.endive.wasm.Parser;
import run.endive.wasm.WasmModule;
import run.endive.wasm.types.FunctionType;
import run.endive.wasm.types.ValType;

/** The runtime run.endive: pure Java, which interprets wasm or translates it to bytecode. */
final class Endive implements Rival {
    private final byte[] wasm;
    private final boolean compiled;
    private final WasmModule module;
    private final Function<Instance, Machine> machine;
    private final Memory memory;
    private final int address;
    private final ExportFunction empty;
    private final ExportFunction run;
    private final ExportFunction add;
    private final ExportFunction callbacks;
    private final ExportFunction fib;
    private final ExportFunction sha256;
    private byte[] task;

    Endive(byte[] wasm, boolean compiled) {
        this.wasm = wasm;
        this.compiled = compiled;
        module = Parser.parse(wasm);
        machine = compiled ? MachineFactoryCompiler.compile(module) : null;
        Instance instance = instance();
        memory = instance.memory();
        address = (int) instance.export("buffer").apply()[0];
        empty = instance.export("empty");
        run = instance.export("run");
        add = instance.export("sum");
        callbacks = instance.export("callbacks");
        fib = instance.export("fib");
        sha256 = instance.export("sha256");
    }

    private Instance instance() {
        HostFunction hostAdd = new HostFunction("host", "add",
                FunctionType.of(List.of(ValType.I32, ValType.I32), List.of(ValType.I32)),
                (instance, args) -> new long[] {(int) args[0] + (int) args[1]});
        HostFunction poll = new HostFunction("decaton", "poll_task",
                FunctionType.of(List.of(ValType.I64, ValType.I32), List.of(ValType.I32)),
                (instance, args) -> {
                    instance.memory().write((int) args[0], task);
                    return new long[] {task.length};
                });
        Instance.Builder builder = Instance.builder(module)
                .withImportValues(ImportValues.builder().addFunction(hostAdd, poll).build());
        return (compiled ? builder.withMachineFactory(machine) : builder).build();
    }

    @Override
    public void empty() {
        empty.apply();
    }

    @Override
    public int add(int a, int b) {
        return (int) add.apply(a, b)[0];
    }

    @Override
    public int callbacks(int times) {
        return (int) callbacks.apply(times)[0];
    }

    @Override
    public void process(byte[] value) {
        task = value;
        run.apply();
    }

    @Override
    public void write(byte[] source) {
        memory.write(address, source);
    }

    @Override
    public void read(byte[] target) {
        System.arraycopy(memory.readBytes(address, target.length), 0, target, 0, target.length);
    }

    @Override
    public int fib(int n) {
        return (int) fib.apply(n)[0];
    }

    @Override
    public int sha256() {
        return (int) sha256.apply()[0];
    }

    @Override
    public void instantiate() {
        instance();
    }

    @Override
    public void load() {
        WasmModule again = Parser.parse(wasm);
        if (compiled) {
            MachineFactoryCompiler.compile(again);
        }
    }
}
