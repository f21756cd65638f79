package org.qsfs.cli.config;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.qsfs.stor.zstor.ZstorSettings;
import org.qsfs.zdb.client.ZdbEndpoint;

/**
 * Reads of zstor's own configuration file what is needed to read its objects: {@code [encryption]}, {@code root} and {@code [meta.config]}. Everything else may be there or
 * not: where the shards are stands in the objects' records.
 */
public final class ZstorConfigFile {
    private static final int METADATA_NAMESPACES = 4;

    private ZstorConfigFile() {}

    /** @throws ConfigException with every problem of the file */
    public static ZstorSettings read(Path file) throws IOException, ConfigException {
        List<Problem> problems = new ArrayList<>();
        TableReader top = TomlFile.parse(file, TomlFile.text(file), problems);
        List<byte[]> keys = new ArrayList<>();
        top.table("encryption")
                .ifPresentOrElse(
                        table -> key(table).ifPresent(keys::add),
                        () -> top.problem(
                                "encryption", "missing, expected a table [encryption] with algorithm and key"));
        Optional<Path> root = top.value(
                        "root",
                        "an absolute path, or nothing, in quotes",
                        found -> found instanceof String text && (text.isEmpty() || text.startsWith("/"))
                                ? Optional.of(text)
                                : Optional.empty())
                .filter(text -> !text.isEmpty())
                .map(Path::of);
        List<ZdbEndpoint> namespaces = new ArrayList<>();
        Optional<TableReader> settings = top.table("meta").flatMap(meta -> {
            meta.choice("type", List.of("zdb"), word -> word);
            return meta.table("config");
        });
        Optional<String> prefix = Optional.empty();
        if (settings.isEmpty()) {
            top.problem("meta", "missing, expected a table [meta.config] with prefix and four backends");
        } else {
            TableReader config = settings.get();
            prefix = config.required(
                    "prefix",
                    "a text in quotes",
                    found -> found instanceof String text ? Optional.of(text) : Optional.empty());
            config.table("encryption").flatMap(ZstorConfigFile::key).ifPresent(keys::add);
            for (TableReader backend : config.tables("backends")) {
                endpoint(backend).ifPresent(namespaces::add);
            }
            if (namespaces.size() != METADATA_NAMESPACES && problems.isEmpty()) {
                config.problem("backends", "found " + namespaces.size() + ", expected " + METADATA_NAMESPACES);
            }
        }
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        return new ZstorSettings(prefix.orElseThrow(), root, keys, namespaces);
    }

    private static Optional<byte[]> key(TableReader table) {
        return table.required(
                "key",
                "64 hex digits",
                found -> found instanceof String text
                                && ConfigFile.HEX_32.matcher(text).matches()
                        ? Optional.of(HexFormat.of().parseHex(text))
                        : Optional.empty());
    }

    private static Optional<ZdbEndpoint> endpoint(TableReader backend) {
        String namespace = backend.string("namespace", "a text in quotes").orElse("default");
        Optional<Secret> password = backend.secret("password");
        return backend.required("address", "\"HOST:PORT\" or \"[IPV6]:PORT\"", ConfigFile::address)
                .map(address -> new ZdbEndpoint(
                        address, namespace, password.map(Secret::reveal).orElse(null), null));
    }
}
