package io.github.wasmton.internal.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.internal.author.MemoryStores;
import io.github.wasmton.internal.author.RecordJson;
import io.github.wasmton.internal.author.Trial;
import io.github.wasmton.internal.text.FileError;
import io.github.wasmton.internal.text.SettingNames;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The option that gives stores their first entries, without a Kafka. */
@Command(optionListHeading = "State at the start")
final class StateFile {
    @Option(names = "--state-file", paramLabel = "FILE", converter = Form.File.class,
            description = "File with the entries that stores and tables have at the start, as JSON in the form of a "
                    + "case's 'state': {\"counts\": {\"a\": \"41\"}}. Default: none.")
    Path file;

    /** Returns the stores for a guest with these options, with the entries of the file; null if it has no stores. */
    MemoryStores stores(GuestOptions options) throws BadInputException {
        MemoryStores stores = Trial.stores(options);
        if (file == null) {
            return stores;
        }
        try {
            if (stores == null) {
                throw new IllegalArgumentException("the processor has no stores. Grant those of the file by "
                        + "StateAccess.stores or StateAccess.tables");
            }
            stores.fill(RecordJson.state(Files.readString(file)));
            return stores;
        } catch (IllegalArgumentException e) {
            throw new BadInputException("--state-file " + file + ": " + SettingNames.in(e.getMessage()) + '.', e);
        } catch (IOException e) {
            throw new BadInputException("Cannot read the file of --state-file: " + FileError.of(e) + '.', e);
        }
    }
}
