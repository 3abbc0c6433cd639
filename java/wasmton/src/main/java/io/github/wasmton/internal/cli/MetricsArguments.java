package io.github.wasmton.internal.cli;

import java.net.InetSocketAddress;
import java.time.Duration;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;


/** The options about what a running Wasmton shows of itself. */
final class MetricsArguments {
    private static final String NONE = "none";

    @Option(names = "--metrics-port", paramLabel = "PORT|none", converter = PortConverter.class,
            description = "Where /metrics (for Prometheus), /health and /ready are: a port; 0 for any that is free; "
                    + "none to open none. Default: 9464.")
    Port port = new Port(9464);

    @Option(names = "--metrics-address", paramLabel = "ADDRESS",
            description = "The address of this machine that the port is opened at. Default: 127.0.0.1, which other "
                    + "machines cannot reach. In a container: 0.0.0.0.")
    String address = "127.0.0.1";

    @Option(names = "--summary-interval", paramLabel = "TIME|none", converter = IntervalConverter.class,
            description = "How often one line in the log sums up what was done, if there is anything to tell. "
                    + "Default: 60s.")
    Duration summaryInterval = Duration.ofSeconds(60);

    /** A port; negative for none. */
    record Port(int number) {
        @Override
        public String toString() {
            return number < 0 ? NONE : Integer.toString(number);
        }
    }

    /**
     * Where to listen; {@code null} for nowhere.
     *
     * @throws BadInputException where the address is none
     */
    InetSocketAddress listenAt() throws BadInputException {
        if (port.number < 0) {
            return null;
        }
        InetSocketAddress at = new InetSocketAddress(address, port.number);
        if (at.isUnresolved()) {
            throw new BadInputException("--metrics-address: there is no address '" + address + "'.", null);
        }
        return at;
    }

    private static final class PortConverter implements ITypeConverter<Port> {
        @Override
        public Port convert(String value) {
            if (value.equals(NONE)) {
                return new Port(-1);
            }
            if (value.matches("[0-9]{1,5}") && Integer.parseInt(value) <= 65_535) {
                return new Port(Integer.parseInt(value));
            }
            throw new TypeConversionException("'" + value + "' is not a port up to 65535, nor none");
        }
    }

    private static final class IntervalConverter implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String value) {
            return value.equals(NONE) ? Duration.ZERO : new Arguments.DurationConverter().convert(value);
        }
    }
}
