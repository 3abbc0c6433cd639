package io.github.wasmton.internal.author;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import io.github.wasmton.guest.Task;

/** An HTTP server on the loopback address that gives a case's answers. */
final class HttpMock implements AutoCloseable {
    private static final Set<String> FIELDS = Set.of("status", "headers", "body");
    private static final int NOT_FOUND = 404;
    private static final int OK = 200;

    private final HttpServer server;
    private final Map<String, Answer> answers;
    private final Queue<String> unknown = new ConcurrentLinkedQueue<>();

    /** An answer to a request. */
    record Answer(int status, List<Task.Header> headers, byte[] body) {
        /** Compares the contents, as records with arrays do not. */
        @Override
        public boolean equals(Object other) {
            return other instanceof Answer answer && status == answer.status && headers.equals(answer.headers)
                    && java.util.Arrays.equals(body, answer.body);
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

    /** Reads answers by {@code METHOD PATH} or, for GET, by the path alone. */
    static Map<String, Answer> answers(JsonNode node) {
        Map<String, Answer> answers = new LinkedHashMap<>();
        if (!node.isObject()) {
            throw new IllegalArgumentException("'http' is an object of answers by path, not " + node);
        }
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            String request = entry.getKey().startsWith("/") ? "GET " + entry.getKey() : entry.getKey();
            if (!request.matches("[A-Z]+ /.*")) {
                throw new IllegalArgumentException("'http' has answers by '/PATH?QUERY' or 'POST /PATH', not by '"
                        + entry.getKey() + '\'');
            }
            JsonNode answer = entry.getValue();
            RecordJson.checkFields(answer, "an answer of 'http'", FIELDS);
            byte[] body = answer.has("body") ? RecordJson.bytes(answer.get("body")) : null;
            answers.put(request, new Answer(answer.path("status").asInt(OK), answer.has("headers")
                    ? RecordJson.headers(answer.get("headers")) : List.of(), body == null ? new byte[0] : body));
        }
        return answers;
    }

    /** Returns the server's address, as {@code HOST:PORT}. */
    String address() {
        return server.getAddress().getAddress().getHostAddress() + ':' + server.getAddress().getPort();
    }

    /** Replaces {@code ${http}} by the server's URL and {@code ${http.address}} by its address. */
    String resolve(String text) {
        return text.replace("${http}", "http://" + address()).replace("${http.address}", address());
    }

    /** Returns the requests that had no answer. */
    List<String> unknown() {
        return List.copyOf(unknown);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String request = exchange.getRequestMethod() + ' ' + exchange.getRequestURI();
            exchange.getRequestBody().readAllBytes();
            Answer answer = answers.get(request);
            if (answer == null) {
                unknown.add(request);
                exchange.sendResponseHeaders(NOT_FOUND, -1);
                return;
            }
            for (Task.Header header : answer.headers) {
                exchange.getResponseHeaders().add(header.name(), RecordJson.utf8(header.value()));
            }
            exchange.sendResponseHeaders(answer.status, answer.body.length == 0 ? -1 : answer.body.length);
            exchange.getResponseBody().write(answer.body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
