package io.github.wasmton.internal.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;

import org.junit.jupiter.api.Test;

class SettingNamesTest {
    private static final String DENIED =
            "a connection to a:1 was denied; \"a:1\" in NetworkAccess.connect would allow it (GuestLimits.memory)";

    @Test
    void theLibrarysNamesStayWhereNobodyHasOthers() {
        assertEquals(DENIED, SettingNames.in(DENIED));
    }

    @Test
    void namesAreTranslatedUntilTheLastUserIsGone() {
        Map<String, String> names = Map.of("NetworkAccess.connect", "--allow-net", "GuestLimits.memory", "$max");
        String translated = "a connection to a:1 was denied; --allow-net a:1 would allow it ($max)";
        SettingNames first = SettingNames.translate(names);
        SettingNames second = SettingNames.translate(names);
        assertEquals(translated, SettingNames.in(DENIED));
        first.close();
        assertEquals(translated, SettingNames.in(DENIED));
        second.close();
        assertEquals(DENIED, SettingNames.in(DENIED));
    }

    @Test
    void otherTextIsLeftAlone() {
        try (SettingNames names = SettingNames.translate(Map.of("GuestLimits.memory", "--max-memory"))) {
            for (String text : new String[] {"", "a.b \"c\" in d.E", "java.io.IOException", "Other.thing", "$1 \\"}) {
                assertEquals(text, SettingNames.in(text), names.toString());
            }
        }
    }
}
