package io.github.wasmton.wasmtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.io.OutputStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Supplier;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.github.wasmton.guest.Guest;
import io.github.wasmton.guest.GuestLimits;
import io.github.wasmton.guest.GuestLogging;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.InvalidGuestException;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.OutputAccess;
import io.github.wasmton.guest.StateAccess;
import io.github.wasmton.guest.StateStores;
import io.github.wasmton.guest.Task;
import io.github.wasmton.testing.Wasm;
import io.github.wasmton.wasmtime.component.Component;
import io.github.wasmton.wasmtime.component.ComponentException;
import io.github.wasmton.wasmtime.component.ComponentFunc;
import io.github.wasmton.wasmtime.component.ComponentInstance;
import io.github.wasmton.wasmtime.component.ComponentInstancePre;
import io.github.wasmton.wasmtime.component.ComponentLinker;
import io.github.wasmton.wasmtime.component.ComponentRecord;
import io.github.wasmton.wasmtime.component.ComponentResult;
import io.github.wasmton.wasmtime.component.ComponentType;
import io.github.wasmton.wasmtime.component.ComponentVariant;
import io.github.wasmton.wasmtime.internal.NativeLibrary;
import io.github.wasmton.wasmtime.internal.NativeObject;
import io.github.wasmton.wasmtime.wasi.Capture;
import io.github.wasmton.wasmtime.wasi.Input;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import io.github.wasmton.wasmtime.wasi.Output;
import io.github.wasmton.wasmtime.wasi.PreopenDir;
import io.github.wasmton.wasmtime.wasi.Wasi;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

/** Promise: null is a NullPointerException at once, wherever it is passed. */
class NullArgumentTest {
    private static final List<Class<?>> CLASSES = List.of(ArrayRef.class, ArrayType.class, FieldType.class,
            GcRef.class, HostRef.class, I31.class, PackedType.class, StructRef.class, StructType.class, Config.class,
            Engine.class, ExitException.class,
            ExportType.class, Extern.class, Extern.Kind.class, Func.class, FuncType.class, Global.class,
            GlobalType.class, HostFunc.class, ImportType.class, Instance.class, InstancePre.class, Linker.class,
            Linker.Name.class, Memory.class, MemoryType.class, Module.class, OptLevel.class,
            PoolingAllocationConfig.class, ProfilingStrategy.class, ResourceLimitException.class, SharedMemory.class,
            Store.class, StoreLimits.class,
            Table.class, TableType.class, Tag.class, TagType.class, V128.class, WasmException.class, WasmFeature.class,
            TrapCode.class, TrapException.class, WasmFunctions.class, WasmValType.class, WasmtimeException.class,
            NativeLibrary.class, NativeObject.class, PreopenDir.class, Wasi.class,
            WasiConfig.class, WasiConfig.Builder.class, Capture.class, Input.class, Output.class, Guest.class,
            GuestModule.class, GuestOptions.class, InvalidGuestException.class,
            NetworkAccess.class, Outcome.class, Outcome.Done.class, Outcome.Failed.class, Outcome.Kind.class,
            Component.class, ComponentLinker.class, ComponentInstancePre.class, ComponentInstance.class,
            ComponentFunc.class,
            ComponentRecord.class, ComponentVariant.class, ComponentResult.class, ComponentException.class,
            ComponentType.ListType.class, ComponentType.FixedListType.class, ComponentType.TupleType.class,
            ComponentType.RecordType.class, ComponentType.VariantType.class, ComponentType.EnumType.class,
            ComponentType.FlagsType.class, ComponentType.OptionType.class, ComponentType.ResultType.class,
            ComponentType.OwnType.class, ComponentType.BorrowType.class, ComponentType.FuncType.class,
            ComponentType.InterfaceType.class, ComponentType.ResourceType.class, ComponentType.NamedType.class,
            ComponentType.UnsupportedType.class, ComponentType.Field.class, ComponentType.Case.class,
            CodeCache.class, GuestLimits.class, GuestLogging.class, OutputAccess.class, StateAccess.class,
            StateStores.Entry.class, Task.class, Task.Header.class);
    /**
     * Parameters for which null is a value: a tombstone, a record without a key, a wasm reference, a case without a
     * value.
     */
    private static final List<String> ALLOWED = List.of("io.github.wasmton.guest.Task 3",
            "io.github.wasmton.guest.Task 4", "io.github.wasmton.guest.Task 5",
            "io.github.wasmton.guest.Task$Header 1", "io.github.wasmton.wasmtime.wasi.NetworkAccess 2", "withCaFile 0",
            "io.github.wasmton.wasmtime.Global 2", "io.github.wasmton.wasmtime.Table 2", "set 0", "set 1", "grow 1",
            "fill 2", "io.github.wasmton.wasmtime.ArrayRef 2", "setField 1", "ok 0", "error 0",
            "io.github.wasmton.wasmtime.component.ComponentException 0",
            "io.github.wasmton.wasmtime.component.ComponentVariant 1",
            "io.github.wasmton.wasmtime.component.ComponentResult 1",
            "io.github.wasmton.wasmtime.component.ComponentResult 2");

    @TempDir
    private Path directory;
    private final Map<Class<?>, Object> samples = new HashMap<>();

    @BeforeEach
    void makeSamples() throws Exception {
        Store store = new Store();
        Engine engine = store.engine();
        Module module = Module.fromWat(engine, "(module (memory (export \"m\") 1) (func (export \"f\")))");
        Linker linker = new Linker(store);
        Instance instance = linker.instantiate(module);
        GuestModule guests = Wasm.guest("(module (memory (export \"memory\") 1) (func (export \"run\")))",
                GuestOptions.DEFAULT);
        Component component = Component.fromWat(engine, "(component (core module $M (func (export \"f\")))"
                + "(core instance $m (instantiate $M)) (func (export \"f\") (canon lift (core func $m \"f\"))))");
        ComponentLinker componentLinker = new ComponentLinker();
        ComponentInstance componentInstance = componentLinker.instantiate(store, component);
        Path file = Files.writeString(directory.resolve("guest.wat"), "(module)");
        FieldType field = new FieldType(WasmValType.EXTERNREF, true);
        StructType struct = new StructType(engine, field);
        ArrayType array = new ArrayType(engine, field);
        for (Object sample : List.of(field, struct, array, new StructRef(store, struct, new Object()),
                new ArrayRef(store, array, null, 1), new FieldType[0], PackedType.I8, new I31(1), new HostRef("a"))) {
            samples.put(sample.getClass(), sample);
        }
        samples.put(GcRef.class, new StructRef(store, struct, new Object()));
        samples.put(StorageType.class, PackedType.I8);
        for (Object sample : List.of(store, engine, module, linker, instance, instance.getMemory("m"),
                instance.getFunc("f"), Extern.fromFunc(instance.getFunc("f")), new Config(), WasmValType.I32,
                new Wasi(store, WasiConfig.EMPTY), WasiConfig.EMPTY, WasiConfig.builder(), new Capture(10),
                Input.empty(), Output.discard(), Instant.now(), new PreopenDir(".", "/"), guests,
                guests.instantiate(), GuestOptions.DEFAULT, CodeCache.NONE, GuestLimits.DEFAULT, GuestLogging.BOTH,
                OutputAccess.NONE, NetworkAccess.NONE, StateAccess.NONE,
                new StateStores.Entry(new byte[0], new byte[0]), new Task("topic", 0, 0, null),
                new Task.Header("name", null), Outcome.DONE,
                new Outcome.Failed(Outcome.Kind.TRAP, "", ""), Outcome.Kind.TRAP, Extern.Kind.FUNC,
                Duration.ofSeconds(1), file.toString(), new byte[10], new String[] {"a", "b"}, new PreopenDir[0],
                Object.class, new FuncType(List.of(), List.of()), new GlobalType(WasmValType.I32, true),
                new TableType(WasmValType.FUNCREF, 1), new MemoryType(1), OptionalLong.empty(), StoreLimits.DEFAULT,
                TagType.of(), new WasmException(new Tag(store, TagType.of())), new Tag(store, TagType.of()),
                new WasmValType<?>[0], new PoolingAllocationConfig(), OptLevel.SPEED,
                ProfilingStrategy.NONE, WasmFeature.GC, new V128(0, 0), new Linker.Name("a", "b"),
                new ImportType("a", "b", new MemoryType(1)), new ExportType("a", new MemoryType(1)),
                new Global(store, new GlobalType(WasmValType.I32, true), 1), linker.instantiatePre(module),
                new Table(store, new TableType(WasmValType.FUNCREF, 1), null), new Object[0], component,
                componentLinker, componentLinker.instantiatePre(component), componentInstance,
                componentInstance.getFunc("f"), ComponentRecord.of("a", 1),
                new ComponentVariant("a"), ComponentResult.ok(null), new ComponentException(null))) {
            samples.put(sample.getClass(), sample);
        }
        samples.put(NativeObject.class, engine);
        try (Engine sharing = new Engine(new Config().sharedMemory(true))) {
            samples.put(SharedMemory.class, new SharedMemory(sharing, MemoryType.shared(1, 1)));
        }
        samples.put(ComponentType.class, ComponentType.Primitive.U8);
        samples.put(Optional.class, Optional.empty());
        samples.put(ComponentLinker.HostFunction.class, (ComponentLinker.HostFunction) args -> null);
        samples.put(ExternType.class, new MemoryType(1));
        samples.put(StateStores.class, new StateStores() {
            @Override
            public byte[] get(int store, byte[] key) {
                return null;
            }

            @Override
            public void set(int store, byte[] key, byte[] value) {
                throw new AssertionError("nothing is set");
            }

            @Override
            public void delete(int store, byte[] key) {
                throw new AssertionError("nothing is deleted");
            }

            @Override
            public List<Entry> scan(int store, byte[] from, byte[] to, int limit) {
                return List.of();
            }
        });
        samples.put(Func.Callback.class, (Func.Callback) (caller, args) -> null);
        samples.put(HostFunc.class, WasmFunctions.wrap(() -> {}));
        samples.put(MethodHandle.class, MethodHandles.constant(int.class, 1));
        samples.put(Function.class, (Function<?, ?>) any -> null);
        samples.put(Supplier.class, (Supplier<?>) () -> null);
        samples.put(byte.class, (byte) 0);
        samples.put(short.class, (short) 0);
        samples.put(float.class, 0f);
        samples.put(double.class, 0.0);
        samples.put(Path.class, file);
        samples.put(InputStream.class, InputStream.nullInputStream());
        samples.put(OutputStream.class, OutputStream.nullOutputStream());
        samples.put(Charset.class, StandardCharsets.UTF_8);
        samples.put(List.class, List.of());
        samples.put(Map.class, Map.of());
        samples.put(Object.class, new Object());
        samples.put(Runnable.class, (Runnable) () -> {});
        samples.put(Throwable.class, new Throwable());
        samples.put(int.class, 0);
        samples.put(long.class, 1L);
        samples.put(boolean.class, true);
        samples.put(WasmFunctions.Function0.class, (WasmFunctions.Function0<Integer>) () -> 0);
        samples.put(WasmFunctions.Function1.class, (WasmFunctions.Function1<Integer, Integer>) a -> 0);
        samples.put(WasmFunctions.Function2.class, (WasmFunctions.Function2<Integer, Integer, Integer>) (a, b) -> 0);
        samples.put(WasmFunctions.Function3.class,
                (WasmFunctions.Function3<Integer, Integer, Integer, Integer>) (a, b, c) -> 0);
        samples.put(WasmFunctions.Function4.class,
                (WasmFunctions.Function4<Integer, Integer, Integer, Integer, Integer>) (a, b, c, d) -> 0);
        samples.put(WasmFunctions.Consumer0.class, (WasmFunctions.Consumer0) () -> {});
        samples.put(WasmFunctions.Consumer1.class, (WasmFunctions.Consumer1<Integer>) a -> {});
        samples.put(WasmFunctions.Consumer2.class, (WasmFunctions.Consumer2<Integer, Integer>) (a, b) -> {});
        samples.put(WasmFunctions.Consumer3.class,
                (WasmFunctions.Consumer3<Integer, Integer, Integer>) (a, b, c) -> {});
        samples.put(WasmFunctions.Consumer4.class,
                (WasmFunctions.Consumer4<Integer, Integer, Integer, Integer>) (a, b, c, d) -> {});
    }

    @AfterEach
    void close() {
        samples.values().stream().filter(NativeObject.class::isInstance).forEach(one -> ((NativeObject) one).close());
    }

    @Test
    void everyPublicMethodRejectsNull() throws Exception {
        List<String> wrong = new ArrayList<>();
        int tried = 0;
        for (Class<?> type : CLASSES) {
            List<Executable> all = new ArrayList<>(Arrays.asList(type.getConstructors()));
            all.addAll(Arrays.asList(type.getMethods()));
            for (Executable one : all) {
                // The methods of Object, also as records implement them, accept null by contract.
                if (one.getDeclaringClass() != type || one.isSynthetic() || one.getName().equals("equals")) {
                    continue;
                }
                Class<?>[] parameters = one.getParameterTypes();
                for (int i = 0; i < parameters.length; i++) {
                    if (!parameters[i].isPrimitive()) {
                        tried++;
                        String outcome = outcome(one, i);
                        if (!outcome.equals("NullPointerException") && !ALLOWED.contains(one.getName() + ' ' + i)) {
                            wrong.add(one + ", parameter " + i + ": " + outcome);
                        }
                    }
                }
            }
        }
        assertTrue(tried > 100, "only " + tried + " parameters found");
        assertEquals("", String.join("\n", wrong));
    }

    private String outcome(Executable one, int nullAt) throws ReflectiveOperationException {
        Class<?>[] parameters = one.getParameterTypes();
        Object[] arguments = new Object[parameters.length];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = i == nullAt ? null : sample(parameters[i]);
        }
        try {
            if (one instanceof Constructor<?> constructor) {
                constructor.newInstance(arguments);
            } else {
                Method method = (Method) one;
                method.invoke(Modifier.isStatic(method.getModifiers()) ? null : sample(method.getDeclaringClass()),
                        arguments);
            }
            return "nothing thrown";
        } catch (InvocationTargetException e) {
            return e.getCause().getClass() == NullPointerException.class ? "NullPointerException"
                    : e.getCause().toString();
        }
    }

    private Object sample(Class<?> type) {
        Object sample = samples.get(type);
        if (sample == null) {
            throw new AssertionError("this test has no " + type);
        }
        return sample;
    }
}
