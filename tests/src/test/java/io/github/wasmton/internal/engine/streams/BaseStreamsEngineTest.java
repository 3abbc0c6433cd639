package io.github.wasmton.internal.engine.streams;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.kafka.KafkaSettings;

class BaseStreamsEngineTest {
    /** {@code ./gradlew stressState} meets such a transaction when a broker restarts. */
    @ParameterizedTest
    @CsvSource({"true, REPLACE_THREAD", "false, SHUTDOWN_CLIENT"})
    void transactionThatIsOverEndsNoMoreThanItsThread(boolean exactlyOnce, StreamThreadExceptionResponse response) {
        TopologyEngine engine = new TopologyEngine(new EngineConfig("localhost:1", "topic", "group", 1,
                KafkaSettings.NONE, () -> null).withExactlyOnce(exactlyOnce));
        assertEquals(response, engine.threadFailed(
                new StreamsException("commit", new InvalidTxnStateException("in an invalid state"))));
        assertEquals(!exactlyOnce, engine.ended().isDone());
    }
}
