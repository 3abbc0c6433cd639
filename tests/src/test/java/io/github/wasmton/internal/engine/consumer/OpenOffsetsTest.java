package io.github.wasmton.internal.engine.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;

import org.junit.jupiter.api.Test;

class OpenOffsetsTest {
    private final OpenOffsets offsets = new OpenOffsets();

    @Test
    void nothingIsCommittableBeforeTheFirstRecord() {
        assertEquals(-1, offsets.committable());
    }

    @Test
    void lowestOpenOffsetIsTheLimit() {
        offsets.open(5);
        offsets.open(6);
        offsets.open(9);  // 7 and 8 do not exist: of a transaction, or compacted away
        assertEquals(5, offsets.committable());
        offsets.complete(6);
        assertEquals(5, offsets.committable());
        offsets.complete(5);
        assertEquals(9, offsets.committable());
        offsets.complete(9);
        assertEquals(10, offsets.committable());
        offsets.open(12);
        assertEquals(12, offsets.committable());
    }

    @Test
    void theEndOfWhatWasReadCanBeBehindTheLastRecord() {
        offsets.open(5);
        offsets.readUpTo(7);  // 6 is the marker of a transaction
        assertEquals(5, offsets.committable());
        offsets.complete(5);
        assertEquals(7, offsets.committable());
    }

    @Test
    void anyOrderOfCompletionIsFine() {
        Random random = new Random(1);
        List<Long> shuffled = new ArrayList<>();
        for (long offset = 0; offset < 1000; offset++) {
            offsets.open(offset);
            shuffled.add(offset);
        }
        TreeSet<Long> open = new TreeSet<>(shuffled);
        Collections.shuffle(shuffled, random);
        for (long offset : shuffled) {
            assertTrue(open.contains(offset));
            offsets.complete(offset);
            open.remove(offset);
            assertEquals(open.isEmpty() ? 1000 : open.first(), offsets.committable());
        }
    }
}
