package io.github.wasmton.internal.cli;

import java.net.InetSocketAddress;
import java.time.Duration;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Options for metrics, health and the summary in the log. */
@Command(optionListHeading = "Monitoring")
final class MonitoringArguments {
    @Option(names = "--metrics-port", paramLabel = "PORT|none", converter = Form.Port.class,
            description = "Port of /metrics (Prometheus), /health and /ready; 0 for any free port. "
                    + "Default: ${DEFAULT-VALUE}.")
    int port = 9464;

    @Option(names = "--metrics-address", paramLabel = "ADDRESS",
            description = "Address of this machine that the port is opened at. The default is not reachable from other "
                    + "machines; in a container use 0.0.0.0. Default: ${DEFAULT-VALUE}.")
    String address = "127.0.0.1";

    @Option(names = "--summary-interval", paramLabel = "TIME|none", converter = Form.TimeOrNone.class,
            description = "Time between two summary lines in the log. Default: ${DEFAULT-VALUE}.")
    Duration summaryInterval = Duration.ofMinutes(1);

    /**
     * Returns the address to listen at; {@code null} for none.
     *
     * @throws BadInputException if the address does not exist
     */
    InetSocketAddress listenAt() throws BadInputException {
        if (port < 0) {
            return null;
        }
        InetSocketAddress at = new InetSocketAddress(address, port);
        if (at.isUnresolved()) {
            throw new BadInputException("--metrics-address: there is no address '" + address + "'.", null);
        }
        return at;
    }
}
