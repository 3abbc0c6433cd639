package io.github.wasmton.internal.cli;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

import io.github.wasmton.internal.text.FileError;

/** A file of options, in Java's format for properties and in UTF-8. */
final class ConfigFile {
    private ConfigFile() {
    }

    /** Values in the order of the file; no name occurs twice. */
    static Map<String, String> read(Path file) throws BadInputException {
        Map<String, String> values = new LinkedHashMap<>();
        try (Reader reader = Files.newBufferedReader(file)) {
            new Properties() {
                private static final long serialVersionUID = 1L;

                @Override
                public synchronized Object put(Object key, Object value) {
                    if (values.put((String) key, (String) value) != null) {
                        throw new IllegalArgumentException("it gives '" + key + "' twice");
                    }
                    return null;
                }
            }.load(reader);
            return values;
        } catch (NoSuchFileException e) {
            throw new BadInputException("There is no file " + file + " for --config-file.", e);
        } catch (CharacterCodingException e) {
            throw new BadInputException(file + " for --config-file is not text in UTF-8.", e);
        } catch (IllegalArgumentException e) {
            throw new BadInputException(file + " for --config-file: " + e.getMessage() + '.', e);
        } catch (IOException e) {
            throw new BadInputException("Cannot read " + file + " for --config-file: " + FileError.of(e) + '.', e);
        }
    }
}
