package io.github.wasmton.wasmtime.wasi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;

/** Tests the rules of {@link NetworkAccess}; the cases of what they grant are those of {@code net/tests.rs}. */
class NetworkAccessRulesTest {
    @Test
    void rejectsAMalformedRuleAtOnce() {
        String message = assertThrows(IllegalArgumentException.class, () -> NetworkAccess.to("http://localhost:80"))
                .getMessage();
        assertEquals("'http://localhost:80' is not HOST[:PORT]: it is a URL; leave out the scheme and the path",
                message);
        assertThrows(IllegalArgumentException.class, () -> new NetworkAccess(List.of(), List.of("localhost")));
        assertThrows(NullPointerException.class, () -> NetworkAccess.to((String) null));
        assertThrows(IllegalArgumentException.class, () -> NetworkAccess.NONE.withCaFile(Path.of("no such file")));
    }

    @Test
    void configurationGrantsNothingUnlessItIsTold() {
        assertSame(NetworkAccess.NONE, WasiConfig.EMPTY.network());
        NetworkAccess access = NetworkAccess.to("localhost:80");
        WasiConfig config = WasiConfig.builder().network(access).build();
        assertSame(access, config.toBuilder().args("more").build().network());
        assertThrows(NullPointerException.class, () -> WasiConfig.builder().network(null));
    }
}
