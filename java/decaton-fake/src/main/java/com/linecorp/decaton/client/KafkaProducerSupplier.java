package com.linecorp.decaton.client;

import java.util.Properties;

import org.apache.kafka.clients.producer.Producer;

@FunctionalInterface
public interface KafkaProducerSupplier {
    Producer<byte[], byte[]> getProducer(Properties config);
}
