package io.github.wasmton.internal.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/** A record's position in a topic, written as {@code PARTITION@OFFSET}. */
record RecordPosition(int partition, long offset) {
    static final String LABEL = "PARTITION@OFFSET";

    private static final Pattern FORM = Pattern.compile("([0-9]{1,9})@([0-9]{1,18})");

    static RecordPosition of(ConsumerRecord<?, ?> record) {
        return new RecordPosition(record.partition(), record.offset());
    }

    @Override
    public String toString() {
        return partition + "@" + offset;
    }

    /** Reads and writes positions. */
    static final class Written implements Form<RecordPosition> {
        @Override
        public RecordPosition parse(String text) {
            Matcher position = FORM.matcher(text);
            if (!position.matches()) {
                throw new IllegalArgumentException("'" + text + "' is not " + LABEL + ", such as 0@17");
            }
            return new RecordPosition(Integer.parseInt(position.group(1)), Long.parseLong(position.group(2)));
        }

        @Override
        public String text(RecordPosition value) {
            return value.toString();
        }
    }
}
