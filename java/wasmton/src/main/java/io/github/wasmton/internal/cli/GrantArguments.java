package io.github.wasmton.internal.cli;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import io.github.wasmton.wasmtime.wasi.PreopenDir;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options that give the guest access to the world outside its memory. */
@Command(optionListHeading = "Grants")
final class GrantArguments {
    @Option(names = "--dir", paramLabel = "HOST::GUEST[:ro]", converter = DirConverter.class,
            description = "Directory that the guest may use, with everything below it, under the name GUEST; "
                    + "repeatable. ':ro' allows reading only. '.::/' grants the working directory as /. "
                    + "Default: ${DEFAULT-VALUE}.")
    List<PreopenDir> dirs = new ArrayList<>();

    @Option(names = "--allow-net", paramLabel = "HOST[:PORT]",
            description = "Host that the guest may connect to: a name, an address or a block such as 10.0.0.0/8; "
                    + "repeatable. PORT may be a range such as 8000-8099; without it, all ports. The log names the "
                    + "--allow-net that would allow a denied connection. Default: ${DEFAULT-VALUE}.")
    List<String> allowNet = new ArrayList<>();

    @Option(names = "--allow-listen", paramLabel = "ADDRESS[:PORT]",
            description = "Address of this machine at which the guest may accept connections; repeatable. "
                    + "Default: ${DEFAULT-VALUE}.")
    List<String> allowListen = new ArrayList<>();

    @Option(names = "--ca-file", paramLabel = "FILE", converter = Form.File.class,
            description = "Additional CA certificates (PEM) for the guest's HTTPS requests (wasi:http). "
                    + "Default: the system's trust store only.")
    Path caFile;

    @Option(names = "--output-topic", paramLabel = "TOPIC",
            description = "Topic that a component or a guest of protocol 1 may produce to; repeatable. It must "
                    + "exist. Default: ${DEFAULT-VALUE}.")
    List<String> outputTopics = new ArrayList<>();

    NetworkAccess network() {
        return new NetworkAccess(allowNet, allowListen, caFile);
    }

    /** Checks that the directories exist. */
    void check() throws BadInputException {
        for (PreopenDir dir : dirs) {
            if (!Files.isDirectory(Path.of(dir.hostPath()))) {
                throw new BadInputException("--dir: there is no directory '" + dir.hostPath()
                        + "'. Create it first, or name another.", null);
            }
        }
    }

    private static final class DirConverter implements ITypeConverter<PreopenDir> {
        private static final String READ_ONLY = ":ro";

        @Override
        public PreopenDir convert(String value) {
            boolean readOnly = value.endsWith(READ_ONLY);
            String pair = readOnly ? value.substring(0, value.length() - READ_ONLY.length()) : value;
            int middle = pair.indexOf("::");
            if (middle <= 0 || middle + 2 == pair.length()) {
                throw new TypeConversionException("'" + value + "' is not HOST::GUEST, such as data::/ or, to read "
                        + "only, data::/:ro");
            }
            String host = pair.substring(0, middle);
            try {
                return new PreopenDir(Path.of(host).toString(), pair.substring(middle + 2), !readOnly);
            } catch (InvalidPathException e) {
                throw new TypeConversionException("'" + host + "' is not a path here: " + e.getReason() + ". "
                        + Form.UTF_8_NEEDED);
            }
        }
    }
}
