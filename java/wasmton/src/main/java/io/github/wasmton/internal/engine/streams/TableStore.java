package io.github.wasmton.internal.engine.streams;

import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.BytesDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/** A global store of Streams: each process holds the last value per key of a whole topic, in memory. */
final class TableStore implements Processor<Bytes, byte[], Void, Void> {
    private final String topic;
    private KeyValueStore<Bytes, byte[]> store;

    private TableStore(String topic) {
        this.topic = topic;
    }

    /** Adds a table, which has the name of its topic. The topic is its own changelog. */
    static void add(Topology topology, String topic) {
        topology.addGlobalStore(Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(topic), Serdes.Bytes(),
                Serdes.ByteArray()).withLoggingDisabled(), "table-" + topic, (record, time) ->
                        Math.max(0, record.timestamp()), new BytesDeserializer(), new ByteArrayDeserializer(), topic,
                "update-" + topic, () -> new TableStore(topic));
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
        store = context.getStateStore(topic);
    }

    @Override
    public void process(Record<Bytes, byte[]> record) {
        if (record.key() != null) {
            store.put(record.key(), record.value());  // null deletes
        }
    }
}
