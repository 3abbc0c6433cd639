package io.github.wasmton.guest;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.github.wasmton.internal.author.MemoryStores;
import io.github.wasmton.internal.monitoring.Health;
import io.github.wasmton.internal.monitoring.MetricsServer;
import io.github.wasmton.testing.TestGuests;
import io.github.wasmton.testing.Wasm;
import io.github.wasmton.wasmtime.CodeCache;
import io.github.wasmton.wasmtime.WasmtimeException;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

/**
 * Random use of the doors between Wasmton and others: host calls of a core module with any arguments, commands of a
 * component, the port, the cache of compiled code. Whatever comes must be an outcome that is not the host's fault.
 */
final class DoorStorm implements AutoCloseable {
    private static final int MEMORY = 4 * 65536;
    private static final int TASK = 65536;
    /** The number of a function and ten arguments of 8 bytes. */
    private static final int CALL = 88;
    private static final int CALLS = 40;

    /** WASI's functions and WasmEdge's, with their parameters: i for an i32, I for an i64. */
    private static final List<String> FUNCTIONS = List.of("args_get ii", "args_sizes_get ii", "environ_get ii",
            "environ_sizes_get ii", "clock_res_get ii", "clock_time_get iIi", "fd_advise iIIi", "fd_allocate iII",
            "fd_close i", "fd_datasync i", "fd_fdstat_get ii", "fd_fdstat_set_flags ii", "fd_fdstat_set_rights iII",
            "fd_filestat_get ii", "fd_filestat_set_size iI", "fd_filestat_set_times iIIi", "fd_pread iiiIi",
            "fd_prestat_get ii", "fd_prestat_dir_name iii", "fd_pwrite iiiIi", "fd_read iiii", "fd_readdir iiiIi",
            "fd_renumber ii", "fd_seek iIii", "fd_sync i", "fd_tell ii", "fd_write iiii", "path_create_directory iii",
            "path_filestat_get iiiii", "path_filestat_set_times iiiiIIi", "path_link iiiiiii", "path_open iiiiiIIii",
            "path_readlink iiiiii", "path_remove_directory iii", "path_rename iiiiii", "path_symlink iiiii",
            "path_unlink_file iii", "poll_oneoff iiii", "random_get ii", "sched_yield ", "sock_open iii",
            "sock_bind iii", "sock_connect iii", "sock_listen ii", "sock_accept iii", "sock_recv iiiiii",
            "sock_send iiiii", "sock_recv_from iiiiiiii", "sock_send_to iiiiiii", "sock_shutdown ii",
            "sock_getlocaladdr iii", "sock_getpeeraddr iii", "sock_setsockopt iiiii", "sock_getsockopt iiiii",
            "sock_getaddrinfo iiiiiiii");

    /** Functions of protocol 1 with a result, in the same form. */
    private static final List<String> PROTOCOL_1 = List.of("next ii", "produce ii", "log_enabled i", "setting iiii",
            "setting_name iii", "state_open ii", "state_get iiiii", "state_set iiiii", "state_delete iii",
            "state_scan iiiiiiii");
    /** Calls of one task of protocol 1, where the first wrong one is a trap. */
    private static final int CALLS_1 = 4;

    private static final List<String> STATE_COMMANDS = List.of("get counts a", "set counts a b", "delete counts a",
            "set-size counts a %d", "get-often counts a %d", "scan counts a - %d", "prefix counts a %d", "get users a",
            "set users a b", "get other a", "set-and-trap counts a b");

    private static final List<String> COMMANDS = List.of("nothing", "count", "log", "enabled", "flood %d",
            "configuration x", "produce out v", "produce-of-size out %d %d", "produce-whole out %d", "environment X",
            "connect 127.0.0.1:%d", "look-up localhost", "listen 127.0.0.1:%d", "send 127.0.0.1:%d",
            "sockets %d 127.0.0.1:1", "sleep %d", "panic", "exit %d", "spin %d", "recurse", "retry", "fatal",
            "hold fields %d %d", "hold lists %d %d", "hold paths %d %d", "hold bodies %d", "hold handles %d",
            "hold files %d /file", "hold directories %d /", "hold look-ups %d localhost", "hold header te");

    private static final StateAccess STATE = StateAccess.of("counts").withTables(List.of("users"));

    /** The words by which an instance that does not start says what it lacks. */
    private static final List<String> SHORT = List.of("ulimit -n", "address space", "mmap failed to reserve");

    private final Path directory;
    private final GuestModule core;
    private final GuestModule component;
    private final GuestModule one;
    private final GuestModule stateful;
    private final CodeCache cache;
    private final MetricsServer port;
    private long operations;
    private long refused;

    DoorStorm(Path directory) throws IOException {
        this.directory = directory;
        Path granted = Files.createDirectories(directory.resolve("granted"));
        Files.writeString(granted.resolve("file"), "content");
        GuestOptions options = GuestOptions.DEFAULT.withDeadline(Duration.ofMillis(300))
                .withWasi(WasiConfig.builder().readWriteDir(granted, "/").build())
                .withNetwork(new NetworkAccess(List.of("127.0.0.1", "localhost"), List.of("127.0.0.1")))
                .withOutputs(OutputAccess.to("out"))
                .withLimits(GuestLimits.DEFAULT.withFiles(32));
        core = Wasm.guest(caller("wasi_snapshot_preview1", FUNCTIONS, TASK, """
                (import "decaton" "poll_task" (func $poll (param i64 i32) (result i32)))
                (func $take (result i32) (call $poll (i64.const %d) (i32.const 65536)))
                """.formatted(TASK)), options.withOutputs(OutputAccess.NONE));
        component = GuestModule.load(TestGuests.guest("probe"), options);
        GuestOptions withState = options.withState(STATE);
        // The value is behind the 40 bytes before the topic, whose name is one letter.
        one = Wasm.guest(caller("wasmton_v1", PROTOCOL_1, TASK + 41, """
                (import "wasmton_v1" "next" (func $take_next (param i32 i32) (result i32)))
                (func $take (result i32)
                  (i32.sub (call $take_next (i32.const %d) (i32.const 65536)) (i32.const 41)))
                """.formatted(TASK)), withState);
        stateful = GuestModule.load(TestGuests.guest("count-component"), withState);
        cache = CodeCache.in(directory.resolve("cache"));
        port = new MetricsServer(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), () -> "a_figure 1\n",
                new Health());
    }

    /** A guest whose task is a list of calls, at that place once {@code $take} has taken it and returned its length. */
    private static String caller(String module, List<String> functions, int at, String take) {
        StringBuilder imports = new StringBuilder();
        StringBuilder calls = new StringBuilder();
        for (int f = 0; f < functions.size(); f++) {
            String[] words = (functions.get(f) + ' ').split(" ");
            String types = words.length > 1 ? words[1] : "";
            StringBuilder params = new StringBuilder();
            StringBuilder arguments = new StringBuilder();
            for (int i = 0; i < types.length(); i++) {
                String type = types.charAt(i) == 'I' ? "i64" : "i32";
                params.append(' ').append(type);
                arguments.append(" (%s.load offset=%d (local.get $at))".formatted(type, 8 + 8 * i));
            }
            imports.append("(import \"%s\" \"%s\" (func $f%d (param%s) (result i32)))\n"
                    .formatted(module, words[0], f, params));
            calls.append("(if (i32.eq (i32.load (local.get $at)) (i32.const %d)) (then (drop (call $f%d%s))))\n"
                    .formatted(f, f, arguments));
        }
        return """
                (module
                  %s
                  %s
                  (memory (export "memory") 4)
                  (data (i32.const 64) "file\\00../file\\00.\\00/\\00new")
                  (func (export "run") (local $at i32) (local $end i32)
                    (local.set $at (i32.const %d))
                    (local.set $end (i32.add (local.get $at) (call $take)))
                    (loop $next
                      (if (i32.ge_u (local.get $at) (local.get $end)) (then (return)))
                      %s
                      (local.set $at (i32.add (local.get $at) (i32.const %d)))
                      (br $next))))""".formatted(imports, take, at, calls, CALL);
    }

    long operations() {
        return operations;
    }

    /** Uses all doors for that time. */
    void storm(long seed, Duration time) throws IOException {
        Random random = new Random(seed);
        long end = System.nanoTime() + time.toNanos();
        try (Guest coreGuest = core.instantiate(); Guest componentGuest = component.instantiate();
             Guest oneGuest = one.instantiate(); Guest statefulGuest = stateful.instantiate();
             GuestPool pool = new GuestPool(component, 16)) {
            while (System.nanoTime() < end) {
                check(coreGuest.process(new Task("topic", 0, operations, calls(random, CALLS, FUNCTIONS))));
                check(componentGuest.process(TestGuests.task(command(random, COMMANDS))));
                MemoryStores stores = new MemoryStores(STATE);
                check(stores.process(oneGuest, new Task("t", 0, operations, calls(random, CALLS_1, PROTOCOL_1))));
                for (int i = 0; i < 4; i++) {
                    check(stores.process(statefulGuest, TestGuests.task(command(random, STATE_COMMANDS))));
                }
                List<CompletableFuture<Outcome>> inFlight = random.ints(8, 0, COMMANDS.size())
                        .mapToObj(i -> pool.process(TestGuests.task(command(random, COMMANDS)))).toList();
                knock(random);
                damageCache(random);
                inFlight.forEach(outcome -> check(outcome.join()));
                operations += CALLS + CALLS_1 + 15;
            }
        }
        String health = request("GET /health HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        if (!health.startsWith("HTTP/1.1 ")) {
            throw new IllegalStateException("the port does not answer: " + health);
        }
    }

    private void check(Outcome outcome) {
        if (outcome instanceof Outcome.Failed failed && failed.kind() == Outcome.Kind.HOST) {
            // An instance that does not start where the system gives no more is no fault, and says so.
            if (SHORT.stream().noneMatch(failed.reason()::contains)) {
                throw new IllegalStateException("this counts as the host's fault: " + failed);
            }
            refused++;
        }
    }

    private static byte[] calls(Random random, int count, List<String> functions) {
        ByteBuffer calls = ByteBuffer.allocate(count * CALL).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            calls.putLong(random.nextInt(functions.size()));
            for (int j = 0; j < 10; j++) {
                calls.putLong(argument(random));
            }
        }
        return calls.array();
    }

    private static long argument(Random random) {
        return switch (random.nextInt(10)) {
            case 0, 1, 2 -> random.nextInt(8);
            case 3 -> 64 + random.nextInt(24);
            case 4 -> 0x1_0000 + random.nextInt(4);  // a socket
            case 5 -> random.nextInt(MEMORY);
            case 6 -> MEMORY - random.nextInt(40);
            case 7 -> -1L >>> random.nextInt(64);
            case 8 -> 1L << random.nextInt(64);
            default -> random.nextLong();
        };
    }

    private static String command(Random random, List<String> commands) {
        String command = commands.get(random.nextInt(commands.size()));
        while (command.contains("%d")) {
            int number = switch (random.nextInt(4)) {
                case 0 -> random.nextInt(4);
                case 1 -> random.nextInt(300);
                case 2 -> random.nextInt(5_000);
                default -> random.nextInt(100_000);
            };
            command = command.replaceFirst("%d", Integer.toString(command.contains(":%d") ? number % 65536 : number));
        }
        return command;
    }

    private void knock(Random random) throws IOException {
        byte[] request = ("GET /metrics HTTP/1.1\r\nHost: localhost\r\n" + "x".repeat(random.nextInt(2_000))
                + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
        for (int i = random.nextInt(20); i > 0; i--) {
            request[random.nextInt(request.length)] = (byte) random.nextInt();
        }
        Socket socket = new Socket(port.address().getAddress(), port.address().getPort());
        try {
            socket.getOutputStream().write(request, 0, random.nextInt(request.length));
        } catch (IOException e) {
            // the server has ended it
        }
        if (random.nextBoolean()) {
            socket.close();
        }
    }

    private String request(byte[] request) throws IOException {
        try (Socket socket = new Socket(port.address().getAddress(), port.address().getPort())) {
            socket.setSoTimeout((int) TimeUnit.MINUTES.toMillis(1));
            socket.getOutputStream().write(request);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    /** Damages a file of the cache, and loads a guest that is in it. */
    private void damageCache(Random random) throws IOException {
        Path place = directory.resolve("cache");
        if (random.nextInt(20) > 0) {
            return;
        }
        if (Files.isDirectory(place)) {
            List<Path> files;
            try (var listed = Files.list(place)) {
                files = listed.filter(Files::isRegularFile).toList();
            }
            for (Path file : files) {
                byte[] content = Files.readAllBytes(file);
                content[random.nextInt(content.length)] ^= (byte) (1 + random.nextInt(255));
                int length = random.nextBoolean() ? content.length : random.nextInt(content.length);
                Files.write(file, Arrays.copyOf(content, length));
            }
        }
        try (GuestModule module = GuestModule.load(Wasm.built("messages"), GuestOptions.DEFAULT, cache)) {
            module.instantiate().close();
        } catch (WasmtimeException e) {
            if (SHORT.stream().noneMatch(e.getMessage()::contains)) {
                throw e;
            }
            refused++;
        }
    }

    @Override
    public void close() {
        port.close();
        core.close();
        component.close();
        one.close();
        stateful.close();
    }

    /** Runs for seconds, in a directory; see {@code Stress}. */
    public static void main(String[] args) throws IOException {
        long seed = Long.getLong("wasmton.fuzz.seed", System.nanoTime());
        System.out.println("door storm: -Dwasmton.fuzz.seed=" + seed);
        try (DoorStorm storm = new DoorStorm(Path.of(args[1]))) {
            storm.storm(seed, Duration.ofSeconds(Long.parseLong(args[0])));
            System.out.printf("%,d operations, %,d instances refused%n", storm.operations(), storm.refused);
        }
    }
}
