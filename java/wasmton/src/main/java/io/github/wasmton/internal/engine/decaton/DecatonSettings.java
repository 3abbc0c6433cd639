package io.github.wasmton.internal.engine.decaton;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import org.apache.kafka.common.config.ConfigException;

import com.linecorp.decaton.processor.runtime.ProcessorProperties;
import com.linecorp.decaton.processor.runtime.Property;
import com.linecorp.decaton.processor.runtime.PropertyDefinition;

/** Reads Decaton's properties from text. */
final class DecatonSettings {
    /** Formats of Decaton before 9.0, which only its own extractor of tasks and its retry topic know. */
    private static final Set<String> WITHOUT_EFFECT = Set.of("decaton.legacy.parse.fallback.enabled",
            "decaton.retry.task.in.legacy.format");

    private DecatonSettings() {
    }

    /**
     * Returns the properties with these names and values.
     *
     * @throws ConfigException for a name that Decaton does not know, or a value that it rejects
     */
    static List<Property<?>> of(Map<String, String> settings) {
        List<Property<?>> properties = new ArrayList<>();
        settings.forEach((name, text) -> {
            if (WITHOUT_EFFECT.contains(name)) {
                throw new ConfigException(name + " has no effect here: guests get the records of a topic as they are. "
                        + "Let producers of Decaton 9.0 or later write the tasks, or use WasmtonProcessor in a "
                        + "subscription of your own, where Decaton reads the old format.");
            }
            properties.add(property(definition(name), text));
        });
        return properties;
    }

    private static PropertyDefinition<?> definition(String name) {
        return ProcessorProperties.PROPERTY_DEFINITIONS.stream().filter(definition -> definition.name().equals(name))
                .findFirst().orElseThrow(() -> new ConfigException("Decaton knows no property " + name + "; it knows "
                        + ProcessorProperties.PROPERTY_DEFINITIONS.stream().map(PropertyDefinition::name)
                                .collect(Collectors.joining(", "))));
    }

    @SuppressWarnings("unchecked")  // the value has the definition's own type
    private static Property<?> property(PropertyDefinition<?> definition, String text) {
        Object value = value(definition.runtimeType(), text);
        if (value == null || !definition.isValid(value)) {
            throw new ConfigException("Decaton does not take '" + text + "' for " + definition.name());
        }
        return Property.ofStatic((PropertyDefinition<Object>) definition, value);
    }

    /** Returns the text as a value of that type; {@code null} if it is none. */
    static Object value(Class<?> type, String text) {
        try {
            if (type == Long.class) {
                return Long.valueOf(text);
            }
            if (type == Integer.class) {
                return Integer.valueOf(text);
            }
        } catch (NumberFormatException e) {
            return null;
        }
        if (type == Boolean.class) {
            return text.equals("true") ? Boolean.TRUE : text.equals("false") ? Boolean.FALSE : null;
        }
        if (type == List.class) {
            return Arrays.stream(text.split(",")).map(String::strip).filter(part -> !part.isEmpty()).toList();
        }
        return type == String.class ? text : null;
    }
}
