package io.github.wasmton.wasmtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.github.wasmton.guest.Guest;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.testing.Wasm;
import io.github.wasmton.wasmtime.internal.ComponentHost;
import io.github.wasmton.wasmtime.internal.HostArrayFunction;
import io.github.wasmton.wasmtime.internal.HostFunction;
import io.github.wasmton.wasmtime.internal.HostManyFunction;
import io.github.wasmton.wasmtime.internal.NativeObject;
import io.github.wasmton.wasmtime.internal.WasiDescription;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

/**
 * Promise: a handle that was never issued, or is stale, does no harm. Every native method of every class is called
 * directly, with meaningless numbers and with nulls.
 */
class ForgedHandleTest {
    private static final int MOST_COMBINATIONS = 1_000;
    private static final long[] FORGED = {0, -1, 1, 0xffff_ffffL, 1L << 62, Long.MAX_VALUE, Long.MIN_VALUE};

    /** Exceptions that a native method may throw for forged handles. */
    private static final Set<Class<?>> ANSWERS = Set.of(IllegalStateException.class, IllegalArgumentException.class,
            NullPointerException.class, IndexOutOfBoundsException.class, WasmtimeException.class);

    /** Finds all classes of the two artefacts that have native methods. */
    private static List<Method> natives() throws Exception {
        List<Method> natives = new ArrayList<>();
        for (Class<?> type : List.of(Engine.class, Guest.class)) {
            URI source = type.getProtectionDomain().getCodeSource().getLocation().toURI();
            Path path = Path.of(source);
            if (Files.isDirectory(path)) {
                find(path, type.getClassLoader(), natives);
            } else {
                try (FileSystem jar = FileSystems.newFileSystem(path)) {
                    find(jar.getPath("/"), type.getClassLoader(), natives);
                }
            }
        }
        return natives.stream().distinct().collect(Collectors.toList());
    }

    private static void find(Path root, ClassLoader loader, List<Method> natives) throws Exception {
        List<String> names;
        try (Stream<Path> files = Files.walk(root)) {
            names = files.map(file -> root.relativize(file).toString())
                    .filter(file -> file.endsWith(".class") && file.startsWith("io"))
                    .map(file -> file.substring(0, file.length() - 6).replace("/", ".").replace(File.separator, "."))
                    .collect(Collectors.toList());
        }
        for (String name : names) {
            if (!name.startsWith("io.github.wasmton.wasmtime.") && !name.startsWith("io.github.wasmton.guest.")) {
                continue;  // needs classes that are not on every class path
            }
            for (Method method : Class.forName(name, true, loader).getDeclaredMethods()) {
                if (Modifier.isNative(method.getModifiers())) {
                    method.setAccessible(true);
                    natives.add(method);
                }
            }
        }
    }

    /** One native method takes no handle but a limit for the whole process, and so has taken the forged numbers. */
    @AfterEach
    void liftLimitOfMemory() {
        GuestModule.maxTotalMemory(Long.MAX_VALUE);
    }

    @Test
    void testCoversEveryClassWithNativeMethods() throws Exception {
        Set<String> classes = natives().stream().map(method -> method.getDeclaringClass().getSimpleName())
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(Set.of("ArrayRef", "AsyncCalls", "Caller", "Component", "ComponentFunc", "ComponentInstance",
                "ComponentInstancePre", "ComponentLinker", "ComponentResource", "Engine", "Extern", "Func", "GcRef",
                "Global", "Guest", "GuestModule", "GuestPool", "HostFunc", "Instance", "InstancePre", "Linker",
                "Memory", "Module", "NativeLibrary", "NativeType", "SharedMemory", "Store", "StructRef", "Table",
                "Tag", "Wasi", "Wit"), classes);
    }

    @Test
    void everyNativeMethodRejectsForgedHandles() throws Exception {
        try (Store store = new Store(); Linker linker = new Linker(store)) {
            Wasm.module(linker, "m", "(module (memory (export \"memory\") 1) (func (export \"f\")))");
            linker.getOneByName("m", "memory");
            linker.getOneByName("m", "f");
            Map<Class<?>, Object[]> values = new HashMap<>();
            values.put(int.class, new Object[] {-1, 0, 1, Integer.MAX_VALUE, Integer.MIN_VALUE});
            values.put(boolean.class, new Object[] {true});
            values.put(String.class, new Object[] {null, "", "x", "i:i", "s@4294967296;", "ms@1;"});
            values.put(byte[].class, new Object[] {null, new byte[0], new byte[10]});
            values.put(String[].class, new Object[] {null, new String[] {"x", null}});
            values.put(ByteBuffer.class, new Object[] {null, ByteBuffer.allocate(8), ByteBuffer.allocateDirect(8)});
            values.put(byte[][].class, new Object[] {null, new byte[][] {null}});
            values.put(WasiDescription.class, new Object[] {null, WasiDescription.of(WasiConfig.EMPTY)});
            putDescriptionsOfGuests(values);
            values.put(Class.forName("io.github.wasmton.guest.StateCalls"), new Object[] {null});
            values.put(HostFunction.class, new Object[] {null, (HostFunction) (a, b, c, d) -> 0});
            values.put(HostManyFunction.class, new Object[] {null,
                    (HostManyFunction) (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p) -> 0});
            values.put(HostArrayFunction.class, new Object[] {null, (HostArrayFunction) (numbers, objects) -> {}});
            values.put(String[].class, new Object[] {null, new String[0], new String[2], new String[] {"a", "b"}});
            values.put(ComponentHost.class, new Object[] {null, (ComponentHost) (number, bytes) -> null});
            values.put(char.class, new Object[] {'i', 'E', 'o', '\uffff'});
            values.put(long[].class, new Object[] {null, new long[0], new long[2]});
            values.put(long[][].class, new Object[] {null, new long[1][]});
            values.put(Throwable.class, new Object[] {null, new RuntimeException("forged")});
            values.put(Object[].class, new Object[] {null, new Object[0], new Object[1]});
            values.put(Store.class, new Object[] {null, store});
            values.put(Class.class, new Object[] {null, String.class});
            int calls = 0;
            List<String> wrong = new ArrayList<>();
            for (Method method : natives()) {
                // Closing and unpinning need issued handles; a real one is tried below.
                boolean destroys = method.getReturnType() == void.class && method.getParameterCount() == 1;
                for (long forged : FORGED) {
                    for (boolean trueStore : destroys ? new boolean[] {false} : new boolean[] {false, true}) {
                        values.put(long.class, new Object[] {forged});
                        calls += callWithAll(method, values, trueStore ? NativeObject.handleOf(store) : forged, wrong);
                    }
                }
            }
            assertEquals("", String.join("\n", wrong));
            assertTrue(calls > 1000, calls + " calls");
            // Real objects work as before. (A random number may have hit the Store's own memory and grown it.)
            assertTrue(linker.getOneByName("m", "memory").memory().buffer().capacity() >= 65536);
            WasmFunctions.consumer(linker.getOneByName("m", "f").func()).accept();
        }
    }

    /** Adds the settings of a guest: none, the default, and one that has nothing in it. */
    private static void putDescriptionsOfGuests(Map<Class<?>, Object[]> values) throws ReflectiveOperationException {
        Class<?> description = Class.forName("io.github.wasmton.guest.GuestDescription");
        Method of = description.getDeclaredMethod("of", GuestOptions.class);
        of.setAccessible(true);
        Constructor<?> constructor = description.getDeclaredConstructors()[0];
        constructor.setAccessible(true);
        Object[] nothing = Arrays.stream(constructor.getParameterTypes()).map(type -> type == long.class ? 0L : null)
                .toArray();
        values.put(description, new Object[] {null, of.invoke(null, GuestOptions.DEFAULT),
            constructor.newInstance(nothing)});
    }

    /** Checks that a null host function is rejected when it is passed: a later failure would not show its origin. */
    @Test
    void nullHostFunctionIsRejectedAtOnce() throws Exception {
        Method wrap = natives().stream().filter(method -> method.getName().equals("wrap")).findAny().orElseThrow();
        try (Store store = new Store()) {
            InvocationTargetException e = assertThrows(InvocationTargetException.class,
                    () -> wrap.invoke(null, NativeObject.handleOf(store), ":", null));
            assertEquals(NullPointerException.class, e.getCause().getClass());
        }
    }

    /**
     * Calls a method with every combination of values for its parameter types and the given Store, or with a fixed
     * sample if there are too many.
     */
    private static int callWithAll(Method method, Map<Class<?>, Object[]> values, long store, List<String> wrong)
            throws IllegalAccessException {
        Class<?>[] types = method.getParameterTypes();
        long combinations = 1;
        for (Class<?> type : types) {
            combinations *= values.get(type).length;
        }
        // A Linker's methods take the Store as the second parameter, those of a Store's items as the first.
        int storeAt = method.getDeclaringClass() == Linker.class && types.length > 1 ? 1 : 0;
        int calls = (int) Math.min(combinations, MOST_COMBINATIONS);
        Random random = new Random(1);
        for (int call = 0; call < calls; call++) {
            long rest = calls == combinations ? call : random.nextLong(combinations);
            Object[] arguments = new Object[types.length];
            for (int i = 0; i < types.length; i++) {
                Object[] choice = values.get(types[i]);
                arguments[i] = i == storeAt && types[i] == long.class ? store : choice[(int) (rest % choice.length)];
                rest /= choice.length;
            }
            try {
                method.invoke(null, arguments);
            } catch (InvocationTargetException e) {
                Class<?> thrown = e.getCause().getClass();
                if (ANSWERS.stream().noneMatch(answer -> answer.isAssignableFrom(thrown))) {
                    wrong.add(method + " with " + Arrays.toString(arguments) + ": " + e.getCause());
                }
            }
        }
        return calls;
    }

    @Test
    void staleHandleIsClosedForAllMethods() throws Exception {
        Store past = new Store();
        long handle = NativeObject.handleOf(past);
        past.close();
        try (Store present = new Store()) {
            List<String> wrong = new ArrayList<>();
            for (Method method : natives()) {
                if (method.getDeclaringClass() == Store.class && method.getParameterCount() == 1
                        && !method.getName().equals("create")) {
                    try {
                        Object result = method.invoke(null, handle);
                        if (method.getReturnType() != void.class) {
                            wrong.add(method + ": " + result);
                        }
                    } catch (InvocationTargetException e) {
                        assertEquals(IllegalStateException.class, e.getCause().getClass());
                    }
                }
            }
            assertEquals(List.of(), wrong);
            present.engine().close();
        }
    }
}
