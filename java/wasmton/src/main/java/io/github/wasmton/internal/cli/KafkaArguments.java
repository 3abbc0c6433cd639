package io.github.wasmton.internal.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.wasmton.internal.engine.EngineType;
import io.github.wasmton.internal.engine.EngineTypes;
import io.github.wasmton.internal.kafka.KafkaSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Options that pass settings to Kafka's clients and to the engines. */
@Command(optionListHeading = "Kafka")
final class KafkaArguments {
    private static final Logger log = LoggerFactory.getLogger(KafkaArguments.class);

    /** Settings that belong to Wasmton; other values would break it or a promise. */
    private static final Set<String> OWN = Set.of("bootstrap.servers", "group.id", "enable.auto.commit",
            "key.deserializer", "value.deserializer", "key.serializer", "value.serializer", "acks",
            "enable.idempotence", "transactional.id");

    @Option(names = "--kafka", paramLabel = OptionNames.PROPERTY,
            description = "Setting of all of Kafka's clients that know it, such as security.protocol=SSL; repeatable.")
    Map<String, String> kafka = new LinkedHashMap<>();

    @Option(names = "--consumer", paramLabel = OptionNames.PROPERTY,
            description = "Setting of the consumers only; overrides --kafka; repeatable.")
    Map<String, String> consumer = new LinkedHashMap<>();

    @Option(names = "--producer", paramLabel = OptionNames.PROPERTY,
            description = "Setting of the producers only; overrides --kafka; repeatable.")
    Map<String, String> producer = new LinkedHashMap<>();

    @Option(names = "--admin", paramLabel = OptionNames.PROPERTY,
            description = "Setting of the administration clients only; overrides --kafka; repeatable.")
    Map<String, String> admin = new LinkedHashMap<>();

    /** Returns the settings of the clients without those of engines. */
    KafkaSettings settings() throws BadInputException {
        return settings(Map.of());
    }

    /**
     * Returns the settings of the clients and of engines. An unknown name is logged and passed on: it may belong to a
     * plug-in of a client.
     *
     * @param engines settings of engines, by the engine's name
     * @throws BadInputException for a setting that Wasmton sets itself, and for a name that is almost one of Kafka's
     */
    KafkaSettings settings(Map<String, Map<String, String>> engines) throws BadInputException {
        Set<String> names = new TreeSet<>(ConsumerConfig.configNames());
        names.addAll(ProducerConfig.configNames());
        names.addAll(AdminClientConfig.configNames());
        check("--kafka", kafka, OWN, names);
        check("--consumer", consumer, OWN, ConsumerConfig.configNames());
        check("--producer", producer, OWN, ProducerConfig.configNames());
        check("--admin", admin, OWN, AdminClientConfig.configNames());
        for (EngineType engine : EngineTypes.ALL) {
            Map<String, String> given = engines.getOrDefault(engine.name(), Map.of());
            refusePrefixes("--" + engine.name(), given);
            if (engine.settings().isEmpty()) {
                refuseOwn("--" + engine.name(), given, engine.reservedSettings());  // it checks the others
            } else {
                check("--" + engine.name(), given, engine.reservedSettings(), engine.settings());
            }
        }
        return new KafkaSettings(kafka, consumer, producer, admin, engines);
    }

    private static void check(String option, Map<String, String> given, Set<String> own, Set<String> known)
            throws BadInputException {
        refuseOwn(option, given, own);
        for (String name : given.keySet()) {
            if (known.contains(name) || name.startsWith("config.providers")) {
                continue;
            }
            String typo = Suggestion.typo(name, known).orElse(null);
            if (typo != null) {
                throw new BadInputException(option + ": unknown setting " + name + ". Did you mean " + typo + '?',
                        null);
            }
            log.warn("{}: unknown setting {}.{} It is handed on, for a class that may be plugged in.", option, name,
                    Suggestion.of(name, known));
        }
    }

    /** Refuses settings of single clients, which would reach them behind the checks of their own options. */
    private static void refusePrefixes(String option, Map<String, String> given) throws BadInputException {
        for (String name : given.keySet()) {
            for (String client : List.of("consumer", "producer", "admin")) {
                if (name.startsWith(client + '.') || name.matches("(main|restore|global)\\." + client + "\\..*")) {
                    String own = name.substring(name.indexOf(client) + client.length() + 1);
                    throw new BadInputException(option + " cannot set " + name + ", a setting of a single client. "
                            + "Use --" + client + ' ' + own + "=...", null);
                }
            }
        }
    }

    private static void refuseOwn(String option, Map<String, String> given, Set<String> own)
            throws BadInputException {
        Set<String> refused = new TreeSet<>(given.keySet());
        refused.retainAll(own);
        if (!refused.isEmpty()) {
            throw new BadInputException(option + " cannot set " + String.join(", ", refused) + ": Wasmton sets that "
                    + "itself, some by BOOTSTRAP_SERVERS, --group and --threads, so that no task is lost.", null);
        }
    }
}
