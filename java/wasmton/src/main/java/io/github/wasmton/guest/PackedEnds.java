package io.github.wasmton.guest;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

import io.github.wasmton.internal.text.SettingNames;

/** The ends of the tasks of a batch in packed bytes. batch.rs writes them, and has their layout. */
final class PackedEnds {
    private PackedEnds() {}

    /**
     * Unpacks the outcomes of the tasks, in their order.
     *
     * @param noReason the reason of a task that the guest refused without one
     */
    static List<Outcome> outcomes(byte[] packed, String noReason) {
        ByteBuffer in = ByteBuffer.wrap(packed).order(ByteOrder.LITTLE_ENDIAN);
        List<Outcome> outcomes = new ArrayList<>();
        while (in.hasRemaining()) {
            int verdict = in.getInt();
            byte[] reason = new byte[in.getInt()];
            byte[] outputs = new byte[in.getInt()];
            in.get(reason).get(outputs);
            if (verdict != 0) {
                outcomes.add(new Outcome.Failed(GuestResult.kind(verdict),
                        reason.length == 0 ? noReason : SettingNames.in(new String(reason, UTF_8)), ""));
            } else {
                outcomes.add(outputs.length == 0 ? Outcome.DONE
                        : new Outcome.Done(PackedRecord.outputs(ByteBuffer.wrap(outputs))));
            }
        }
        return outcomes;
    }
}
