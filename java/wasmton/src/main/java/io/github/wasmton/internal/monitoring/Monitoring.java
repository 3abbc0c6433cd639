package io.github.wasmton.internal.monitoring;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.apache.kafka.clients.admin.Admin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.stats.TaskCounters;
import io.github.wasmton.metrics.TaskMeters;

/**
 * The monitoring of a processor: meters, health and readiness by HTTP, and a summary line in the log every so often. It
 * looks, on one thread of its own; nobody who processes tasks waits for it.
 */
public final class Monitoring implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Monitoring.class);
    private static final int LOOK_MILLIS = 1_000;
    private static final int LAG_MILLIS = 10_000;

    /** Time after its deadline at which a guest that was stopped, and has not come back, counts as stuck. */
    private static final Duration STUCK_AFTER = Duration.ofSeconds(10);

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics garbage = new JvmGcMetrics();
    private final ScheduledExecutorService looking = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "wasmton-monitoring");
        thread.setDaemon(true);
        return thread;
    });
    private final Health health = new Health();
    private final Tags tags;
    private final MetricsServer server;
    private Admin admin;
    private GroupLag lag;

    /**
     * Opens the port: from now on {@code /health} says what the start is at, and {@code /ready} says no until the
     * engine runs.
     *
     * @param address the address to listen at; {@code null} for none
     * @throws IOException if it cannot listen there
     */
    public Monitoring(String topic, String group, InetSocketAddress address) throws IOException {
        tags = Tags.of("topic", topic, "group", group);
        server = address == null ? null : new MetricsServer(address, registry::scrape, health);
        if (server != null) {
            bindJvm();
        }
    }

    /** Says what the start is at, such as "compiling the guest". */
    public void starting(String step) {
        health.starting(step);
    }

    private void bindJvm() {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        garbage.bindTo(registry);
    }

    /** Shows these words as the labels of {@code wasmton_info}. */
    public void info(Iterable<Tag> labels) {
        Gauge.builder("wasmton.info", () -> 1).description("What runs here").tags(tags.and(labels)).register(registry);
    }

    /**
     * Begins to look at the engine and to ask Kafka how far the group lags behind. To be called once.
     *
     * @param module  the engine's guest; to be closed after this
     * @param summary time between two summary lines in the log; zero for none
     */
    public void watch(Engine engine, EngineConfig config, TaskCounters counters, GuestModule module,
            Duration summary) {
        GuestOptions options = module.options();
        // An attempt can begin with the start of an instance.
        health.watch(engine, counters, options.startDeadline().plus(options.deadline()).plus(STUCK_AFTER));
        every(LOOK_MILLIS, LOOK_MILLIS, health::look);
        if (server == null && summary.isZero()) {
            return;
        }
        new TaskMeters(counters, module, tags).bindTo(registry);
        engine.bindTo(registry);
        admin = config.kafka().createAdmin(config.bootstrapServers(), config.group() + "-monitoring", Map.of());
        lag = new GroupLag(admin, config.group(), config.topic(), tags);
        lag.bindTo(registry);
        every(0, LAG_MILLIS, lag::refresh);
        if (!summary.isZero()) {
            SummaryLine lines = new SummaryLine(counters);
            every(summary.toMillis(), summary.toMillis(), () -> {
                String line = lines.line(summary, lag.byPartition().values());
                if (!line.isEmpty()) {
                    log.info("{}", line);
                }
            });
        }
    }

    private void every(long firstAfter, long millis, Runnable look) {
        looking.scheduleAtFixedRate(() -> {
            try {
                look.run();
            } catch (RuntimeException e) {
                log.warn("Monitoring failed, and goes on", e);  // the executor would say nothing and end it
            }
        }, firstAfter, millis, TimeUnit.MILLISECONDS);
    }

    /** Returns the address of {@code /metrics}, {@code /health} and {@code /ready}; {@code null} for none. */
    public InetSocketAddress address() {
        return server == null ? null : server.address();
    }

    @Override
    public void close() {
        looking.shutdownNow();
        if (server != null) {
            server.close();
        }
        garbage.close();
        if (admin != null) {
            admin.close(Duration.ZERO);
        }
        registry.close();
    }
}
