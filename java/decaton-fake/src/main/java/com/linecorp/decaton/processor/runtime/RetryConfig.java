package com.linecorp.decaton.processor.runtime;

import java.time.Duration;
import java.util.Objects;

import com.linecorp.decaton.client.KafkaProducerSupplier;

public class RetryConfig {
    public static final String DEFAULT_RETRY_TOPIC_SUFFIX = "-retry";

    final Duration backoff;
    final KafkaProducerSupplier producerSupplier;
    private final String retryTopic;

    RetryConfig(RetryConfigBuilder builder) {
        backoff = Objects.requireNonNull(builder.backoff, "backoff");
        retryTopic = builder.retryTopic;
        producerSupplier = builder.producerSupplier;
    }

    public static RetryConfigBuilder builder() {
        return new RetryConfigBuilder();
    }

    public static RetryConfig withBackoff(Duration backoff) {
        return builder().backoff(backoff).build();
    }

    public String retryTopicOrDefault(String originalTopic) {
        return retryTopic == null ? originalTopic + DEFAULT_RETRY_TOPIC_SUFFIX : retryTopic;
    }

    public static class RetryConfigBuilder {
        private Duration backoff;
        private String retryTopic;
        private KafkaProducerSupplier producerSupplier;

        RetryConfigBuilder() {
        }

        public RetryConfigBuilder backoff(Duration newBackoff) {
            backoff = newBackoff;
            return this;
        }

        public RetryConfigBuilder retryTopic(String newRetryTopic) {
            retryTopic = newRetryTopic;
            return this;
        }

        public RetryConfigBuilder producerSupplier(KafkaProducerSupplier newProducerSupplier) {
            producerSupplier = newProducerSupplier;
            return this;
        }

        public RetryConfig build() {
            return new RetryConfig(this);
        }
    }
}
