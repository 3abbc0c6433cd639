import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * A check of native libraries that cannot be run here: the machine they are for, the libraries that they load, and the
 * functions that Java looks for.
 *
 * <pre>java dist/NativeImports.java PLATFORM=FILE...</pre>
 */
class NativeImports {
    /** The parts of each system that a library may load. */
    private static final Map<String, String> SYSTEM = Map.of(
            // libgcc_s: gcc's unwinder, by plain cargo; zig links its own in.
            "linux", "(libc|libm|libdl|libpthread|librt|libgcc_s)\\.so\\.\\d|ld-linux-(x86-64|aarch64)\\.so\\.\\d",
            "musl", "libc\\.so|libc\\.musl-(x86_64|aarch64)\\.so\\.1",
            "macos", "/usr/lib/lib(System\\.B|iconv\\.2|charset\\.1|objc\\.A)\\.dylib"
                    + "|/System/Library/Frameworks/(Security|CoreFoundation)\\.framework/Versions/A/\\w+",
            "windows", "(?i)(advapi32|bcrypt|bcryptprimitives|crypt32|kernel32|ntdll|ole32|secur32|shell32|user32"
                    + "|userenv|ws2_32|msvcrt|api-ms-win-(core|crt)-[\\w-]+)\\.dll");

    private static final List<String> EXPORTS = List.of(
            "Java_io_github_wasmton_wasmtime_internal_NativeLibrary_initialize",
            "Java_io_github_wasmton_wasmtime_internal_NativeLibrary_bind");

    /** A library, as its file describes it. */
    private record Library(String machine, TreeSet<String> needed, String notes) {}

    private final ByteBuffer file;

    private NativeImports(byte[] bytes) {
        file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    public static void main(String[] args) throws IOException {
        for (String arg : args) {
            String platform = arg.substring(0, arg.indexOf('='));
            Path path = Path.of(arg.substring(platform.length() + 1));
            try {
                System.out.println("ok: " + platform + " loads " + examine(platform, Files.readAllBytes(path)));
            } catch (IllegalArgumentException e) {
                System.err.println("FAILED: " + path + ' ' + e.getMessage());
                System.exit(1);
            }
        }
    }

    /** Returns what the library loads and needs, or throws an IllegalArgumentException with the fault. */
    static String examine(String platform, byte[] bytes) {
        Library library = new NativeImports(bytes).read();
        String system = platform.replaceAll("-.*", "");
        String machine = system + ' ' + (platform.contains("aarch64") ? "aarch64" : "x86_64");
        check(library.machine().equals(machine), "is for " + library.machine() + ", not " + machine);
        String known = SYSTEM.get(platform.endsWith("musl") ? "musl" : system);
        List<String> strangers = library.needed().stream().filter(it -> !it.matches(known)).toList();
        check(strangers.isEmpty(), "loads libraries that are no part of the system: " + strangers);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        for (String export : EXPORTS) {
            check(text.contains(export + '\0'), "does not export " + export);
        }
        return String.join(", ", library.needed()) + library.notes();
    }

    private static void check(boolean good, String fault) {
        if (!good) {
            throw new IllegalArgumentException(fault);
        }
    }

    private Library read() {
        int magic = file.getInt(0);
        if (magic == 0x464c457f) {
            return readElf();
        }
        if (magic == 0xfeedfacf) {
            return readMachO();
        }
        if ((magic & 0xffff) == 0x5a4d) {
            return readPe();
        }
        throw new IllegalArgumentException("is no ELF, Mach-O or PE file");
    }

    private String string(long at) {
        int end = (int) at;
        while (file.get(end) != 0) {
            end++;
        }
        return new String(file.array(), (int) at, end - (int) at, StandardCharsets.ISO_8859_1);
    }

    private Library readElf() {
        String machine = "linux " + switch (file.getShort(18)) {
            case 62 -> "x86_64";
            case 183 -> "aarch64";
            default -> "unknown";
        };
        Map<Integer, Integer> sections = new HashMap<>();
        int table = (int) file.getLong(40);
        for (int i = 0; i < file.getShort(60); i++) {
            sections.putIfAbsent(file.getInt(table + 64 * i + 4), table + 64 * i);
        }
        TreeSet<String> needed = new TreeSet<>();
        TreeSet<Integer> versions = new TreeSet<>();
        int dynamic = sections.get(6);
        int names = table + 64 * file.getInt(dynamic + 40);
        long start = file.getLong(names + 24);
        for (long at = file.getLong(dynamic + 24); file.getLong((int) at) != 0; at += 16) {
            if (file.getLong((int) at) == 1) {
                needed.add(string(start + file.getLong((int) at + 8)));
            }
        }
        // The oldest glibc that has all functions.
        for (String name : new String(file.array(), (int) start, (int) file.getLong(names + 32),
                StandardCharsets.ISO_8859_1).split("\0")) {
            if (name.matches("GLIBC_2\\.\\d+(\\.\\d+)?")) {
                versions.add(Integer.parseInt(name.split("\\.")[1]));
            }
        }
        return new Library(machine, needed, versions.isEmpty() ? "" : "; needs glibc 2." + versions.last());
    }

    private Library readMachO() {
        String machine = "macos " + switch (file.getInt(4)) {
            case 0x01000007 -> "x86_64";
            case 0x0100000c -> "aarch64";
            default -> "unknown";
        };
        TreeSet<String> needed = new TreeSet<>();
        String notes = "; not signed";
        int at = 32;
        for (int i = 0; i < file.getInt(16); i++) {
            int command = file.getInt(at);
            switch (command) {
                case 0xc, 0x80000018, 0x8000001f -> needed.add(string(at + file.getInt(at + 8)));
                case 0x1d -> notes = "; " + signature(file.getInt(at + 8));
                case 0x32 -> notes += "; needs macOS " + (file.getInt(at + 12) >> 16) + '.'
                        + (file.getInt(at + 12) >> 8 & 0xff);
                default -> { }
            }
            at += file.getInt(at + 4);
        }
        return new Library(machine, needed, notes);
    }

    /** Checks the hashes of all pages, without which macOS on ARM ends the process. */
    private String signature(int at) {
        ByteBuffer big = file.duplicate().order(ByteOrder.BIG_ENDIAN);
        int directory = at + big.getInt(at + 16);
        int hashes = directory + big.getInt(directory + 16);
        int pages = big.getInt(directory + 28);
        int limit = big.getInt(directory + 32);
        int size = 1 << big.get(directory + 39);
        for (int page = 0; page < pages; page++) {
            byte[] hash = sha256(page * size, Math.min(size, limit - page * size));
            byte[] told = Arrays.copyOfRange(file.array(), hashes + 32 * page, hashes + 32 * page + 32);
            check(Arrays.equals(hash, told), "has a signature that does not fit page " + page + " of " + pages);
        }
        return "signature fits all " + pages + " pages";
    }

    private byte[] sha256(int at, int length) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(file.array(), at, length);
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    private Library readPe() {
        int header = file.getInt(0x3c);
        String machine = "windows " + switch (file.getShort(header + 4) & 0xffff) {
            case 0x8664 -> "x86_64";
            case 0xaa64 -> "aarch64";
            default -> "unknown";
        };
        int sections = header + 24 + file.getShort(header + 20);
        TreeSet<String> needed = new TreeSet<>();
        // The import table, and that of libraries that are loaded when they are first used.
        int imports = file.getInt(header + 24 + 120);
        for (int at = offset(header, sections, imports); file.getInt(at + 12) != 0; at += 20) {
            needed.add(string(offset(header, sections, file.getInt(at + 12))));
        }
        int delayed = file.getInt(header + 24 + 216);
        if (delayed != 0) {
            for (int at = offset(header, sections, delayed); file.getInt(at + 4) != 0; at += 32) {
                needed.add(string(offset(header, sections, file.getInt(at + 4))));
            }
        }
        return new Library(machine, needed, "");
    }

    /** Finds the place in the file of an address in memory. */
    private int offset(int header, int sections, int address) {
        for (int i = 0; i < file.getShort(header + 6); i++) {
            int section = sections + 40 * i;
            int start = file.getInt(section + 12);
            if (address >= start && address < start + Math.max(file.getInt(section + 8), file.getInt(section + 16))) {
                return file.getInt(section + 20) + address - start;
            }
        }
        throw new IllegalArgumentException("has no section with the address " + address);
    }
}
