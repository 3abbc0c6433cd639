package io.github.wasmton.bench;

import java.io.IOException;
import java.util.List;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;

import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.Decision;
import io.github.wasmton.internal.engine.TaskProcessor;

/**
 * A processor that parses every task with Jackson, as the guests
 * {@code tests/guests/parse-json} and {@code parse-json-*} do with the libraries of their languages.
 */
final class ParseJson implements TaskProcessor {
    /** A task of 200 bytes. */
    static final String ORDER = """
            {"id":123456789012345,"customer":"Ada Lovelace","email":"ada.lovelace@example.org",\
            "items":[{"name":"difference engine","count":1},{"name":"punched cards","count":25000}],\
            "total":12345.67,"paid":true}""";

    record Order(long id, String customer, String email, List<Item> items, double total, boolean paid) {
        /** Reads every field, so that none is skipped while parsing. */
        boolean makesSense() {
            return id > 0 && !customer.isEmpty() && !email.isEmpty()
                    && items.stream().allMatch(item -> item.count > 0 && !item.name.isEmpty())
                    && total > 0 && paid;
        }
    }

    record Item(String name, int count) {}

    private static final ObjectReader READER = new ObjectMapper().readerFor(Order.class);

    @Override
    public Decision process(Task task) {
        try {
            Order order = READER.readValue(task.value());
            return order.makesSense() ? Decision.COMPLETE : Decision.STOP;
        } catch (IOException e) {
            return Decision.STOP;
        }
    }

    @Override
    public void close() {}
}
