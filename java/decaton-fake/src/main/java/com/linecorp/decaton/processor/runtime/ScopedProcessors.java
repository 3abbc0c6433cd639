package com.linecorp.decaton.processor.runtime;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;

import com.linecorp.decaton.processor.DecatonProcessor;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One processor of a chain, in as many instances as its scope asks for. Provided ones are never closed. */
final class ScopedProcessors<T> {
    private static final Logger log = LoggerFactory.getLogger(ScopedProcessors.class);

    private final Supplier<DecatonProcessor<T>> supplier;
    private final ProcessorScope scope;
    private final Map<Place, DecatonProcessor<T>> made = new HashMap<>();

    /** The place of an instance; null and -1 if the scope is wider. */
    private record Place(TopicPartition partition, int thread) {}

    ScopedProcessors(Supplier<DecatonProcessor<T>> supplier, ProcessorScope scope) {
        this.supplier = supplier;
        this.scope = scope;
    }

    synchronized DecatonProcessor<T> get(TopicPartition partition, int thread) {
        Place place = switch (scope) {
            case PROVIDED, SINGLETON -> new Place(null, -1);
            case PARTITION -> new Place(partition, -1);
            case THREAD -> new Place(partition, thread);
        };
        return made.computeIfAbsent(place, key -> supplier.get());
    }

    void leaveThread(TopicPartition partition, int thread) {
        leave(place -> place.equals(new Place(partition, thread)));
    }

    void leavePartition(TopicPartition partition) {
        leave(place -> partition.equals(place.partition));
    }

    void leaveSubscription() {
        leave(place -> true);
    }

    private synchronized void leave(Predicate<Place> which) {
        made.entrySet().removeIf(entry -> {
            if (!which.test(entry.getKey())) {
                return false;
            }
            if (scope != ProcessorScope.PROVIDED) {
                try {
                    entry.getValue().close();
                } catch (Exception e) {
                    log.error("A processor did not close", e);
                }
            }
            return true;
        });
    }
}
