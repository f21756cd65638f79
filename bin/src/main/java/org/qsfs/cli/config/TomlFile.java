package org.qsfs.cli.config;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.tomlj.Toml;
import org.tomlj.TomlParseResult;

/** A TOML file, on its way to a {@link TableReader}. */
final class TomlFile {
    private TomlFile() {}

    static String text(Path file) throws IOException, ConfigException {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new ConfigException(file.toString(), "no such file; give the configuration with --config FILE");
        } catch (MalformedInputException e) {
            throw new ConfigException(file.toString(), "found bytes that are not UTF-8, expected a TOML text file");
        }
    }

    /**
     * @param problems where the reader puts what is wrong
     * @throws ConfigException when it is not TOML
     */
    static TableReader parse(Path file, String text, List<Problem> problems) throws ConfigException {
        TomlParseResult toml = Toml.parse(text);
        if (toml.hasErrors()) {
            throw new ConfigException(toml.errors().stream()
                    .map(error ->
                            new Problem(file.toString(), error.position().line(), "not TOML: " + error.getMessage()))
                    .toList());
        }
        return new TableReader(file.toString(), "", toml, 0, problems);
    }
}
