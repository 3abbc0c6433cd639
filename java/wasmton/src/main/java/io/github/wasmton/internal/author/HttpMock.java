package io.github.wasmton.internal.author;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import io.github.wasmton.guest.Task;

/** An HTTP server on the loopback address that gives a case's answers, also in the name of other servers. */
final class HttpMock implements AutoCloseable {
    private static final Set<String> FIELDS = Set.of("status", "headers", "body", "request");
    private static final Set<String> REQUEST_FIELDS = Set.of("headers", "body");
    /** The method, then the scheme and the host of a URL, then the path. */
    private static final Pattern REQUEST =
            Pattern.compile("(?:([A-Z]+) )?(?:https?://([a-zA-Z0-9.-]+)(:[0-9]+)?)?(/.*)");
    private static final int NOT_FOUND = 404;
    private static final int OK = 200;

    private final HttpServer server;
    private final Map<String, Answer> answers;
    private final Set<String> asked = ConcurrentHashMap.newKeySet();
    private final Queue<String> differences = new ConcurrentLinkedQueue<>();

    /**
     * An answer to a request.
     *
     * @param request what the request has to contain; {@code null} if anything will do, or no request at all
     */
    record Answer(int status, List<Task.Header> headers, byte[] body, JsonNode request) {
        /** Compares the contents, as records with arrays do not. */
        @Override
        public boolean equals(Object other) {
            return other instanceof Answer answer && status == answer.status && headers.equals(answer.headers)
                    && Arrays.equals(body, answer.body) && Objects.equals(request, answer.request);
        }

        @Override
        public int hashCode() {
            return status;
        }
    }

    /** Starts the server. */
    HttpMock(Map<String, Answer> answers) throws IOException {
        this.answers = answers;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    /** Reads answers by a path or a URL, with a method in front of it unless that is GET. */
    static Map<String, Answer> answers(JsonNode node) {
        Map<String, Answer> answers = new LinkedHashMap<>();
        if (!node.isObject()) {
            throw new IllegalArgumentException("'http' is an object of answers by path or URL, not " + node);
        }
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            Matcher request = REQUEST.matcher(entry.getKey());
            if (!request.matches()) {
                throw new IllegalArgumentException("'http' has answers by '/PATH?QUERY', 'POST /PATH' or "
                        + "'POST https://HOST/PATH', not by '" + entry.getKey() + '\'');
            }
            JsonNode answer = entry.getValue();
            RecordJson.checkFields(answer, "an answer of 'http'", FIELDS);
            if (answer.has("request")) {
                RecordJson.checkFields(answer.get("request"), "'request'", REQUEST_FIELDS);
            }
            byte[] body = answer.has("body") ? RecordJson.bytes(answer.get("body")) : null;
            String method = Objects.requireNonNullElse(request.group(1), "GET");
            answers.put(key(method, request.group(2), request.group(4)), new Answer(answer.path("status").asInt(OK),
                    answer.has("headers") ? RecordJson.headers(answer.get("headers")) : List.of(),
                    body == null ? new byte[0] : body, answer.get("request")));
        }
        return answers;
    }

    /** Returns a request as a text; the host is {@code null} for the server's own. */
    private static String key(String method, String host, String path) {
        return method + ' ' + (host == null ? "" : "http://" + host.toLowerCase(java.util.Locale.ROOT)) + path;
    }

    /** Returns the names of the other servers that it stands in for. */
    Set<String> hosts() {
        Set<String> hosts = new TreeSet<>();
        for (String request : answers.keySet()) {
            Matcher parts = REQUEST.matcher(request);
            if (parts.matches() && parts.group(2) != null) {
                hosts.add(parts.group(2));
            }
        }
        return hosts;
    }

    /** Returns the server's address, as {@code HOST:PORT}. */
    String address() {
        return server.getAddress().getAddress().getHostAddress() + ':' + server.getAddress().getPort();
    }

    /** Replaces {@code ${http}} by the server's URL and {@code ${http.address}} by its address. */
    String resolve(String text) {
        return text.replace("${http}", "http://" + address()).replace("${http.address}", address());
    }

    /** Returns how the requests differ from those that the answers are for. */
    List<String> differences() {
        List<String> all = new ArrayList<>(differences);
        answers.forEach((request, answer) -> {
            if (answer.request != null && !asked.contains(request)) {
                all.add("http: missing\n  - " + request);
            }
        });
        return all;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String host = String.valueOf(exchange.getRequestHeaders().getFirst("Host"));
            String request = key(exchange.getRequestMethod(),
                    host.equals(address()) ? null : host.replaceFirst(":[0-9]+$", ""),
                    exchange.getRequestURI().toString());
            byte[] body = exchange.getRequestBody().readAllBytes();
            Answer answer = answers.get(request);
            if (answer == null) {
                differences.add("http: there is no answer to " + request);
                exchange.sendResponseHeaders(NOT_FOUND, -1);
                return;
            }
            asked.add(request);
            if (answer.request != null) {
                compare(request, answer.request, exchange.getRequestHeaders(), body);
            }
            for (Task.Header header : answer.headers) {
                exchange.getResponseHeaders().add(header.name(), RecordJson.utf8(header.value()));
            }
            exchange.sendResponseHeaders(answer.status, answer.body.length == 0 ? -1 : answer.body.length);
            exchange.getResponseBody().write(answer.body);
        }
    }

    private void compare(String request, JsonNode expected, Headers headers, byte[] body) {
        List<String> found = new ArrayList<>();
        if (expected.has("headers")) {
            for (Task.Header header : RecordJson.headers(expected.get("headers"))) {
                String value = RecordJson.utf8(header.value());
                if (!headers.getOrDefault(header.name(), List.of()).contains(value)) {
                    found.add("http " + request + ", header " + header.name() + "\n  - " + value + "\n  + "
                            + headers.get(header.name()));
                }
            }
        }
        if (expected.has("body")) {
            Expectation.compareBytes("http " + request + ", body", expected.get("body"), body, found);
        }
        differences.addAll(found);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
