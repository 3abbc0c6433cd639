package io.github.wasmton.wasmtime.wasi;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Grant of addresses that a guest may reach over the network, by any interface: {@code wasi:sockets} and {@code
 * wasi:http}, and for task processors the socket and HTTP calls of core modules. Everything else is an error that the
 * guest can handle. The rule that would allow it is in {@link Wasi#refusals}, and in the log of a task processor.
 *
 * <p>A rule is {@code HOST[:PORTS]}, where the ports are one, a range such as {@code 8000-8099}, or all. The host is
 * <ul>
 * <li>an address or a block of them: {@code 10.1.2.3:6379}, {@code 10.0.0.0/8}, {@code [fd00::1]:443}. Addresses are
 *     checked when the guest connects. A block grants addresses that are not public (private, loopback, link-local)
 *     only if it lies within their range, and a metadata service of a cloud only if it is its very address: so
 *     {@code 0.0.0.0/0:443} is the public internet;
 * <li>a name: {@code api.example.com:443}. It may be looked up, and grants the addresses that the guest's latest
 *     look-up came to, but none that are loopback or link-local;
 * <li>{@code localhost}: 127.0.0.1, ::1, and what it resolves to on this machine;
 * <li>{@code *}: every name and every public address.
 * </ul>
 *
 * <p>For tests, {@code NAME=ADDRESS:PORT} has a server stand in for the host of that name, whichever port the guest
 * asks for. It gets requests by {@code https} (wasi:http) without TLS.
 *
 * @param connect what it may connect or send to
 * @param listen  the local addresses at which it may wait for connections; no names
 * @param caFile  a file in the form PEM with the certificates of further authorities that are believed when the guest
 *                requests something by {@code https} (wasi:http); {@code null} for those alone that this machine trusts
 */
public record NetworkAccess(List<String> connect, List<String> listen, Path caFile) {
    /** No network. */
    public static final NetworkAccess NONE = new NetworkAccess(List.of(), List.of());

    /**
     * Checks the rules, and reads the file.
     *
     * @throws IllegalArgumentException where a rule cannot be understood or the file holds no certificates; the message
     *                                  says why
     */
    public NetworkAccess {
        connect = List.copyOf(connect);
        listen = List.copyOf(listen);
        if (!connect.isEmpty() || !listen.isEmpty() || caFile != null) {
            Wasi.checkNetwork(connect.toArray(String[]::new), listen.toArray(String[]::new),
                    Objects.toString(caFile, null));
        }
    }

    /** Makes an access with the certificate authorities that this machine trusts. */
    public NetworkAccess(List<String> connect, List<String> listen) {
        this(connect, listen, null);
    }

    /** Grants connections there, and listening nowhere. */
    public static NetworkAccess to(String... rules) {
        return new NetworkAccess(List.of(rules), List.of());
    }

    /** Returns this access with additional certificate authorities from a file. */
    public NetworkAccess withCaFile(Path newCaFile) {
        return new NetworkAccess(connect, listen, newCaFile);
    }
}
