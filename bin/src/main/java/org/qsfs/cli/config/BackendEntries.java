package org.qsfs.cli.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.stor.segment.BackendId;

/**
 * Changes the backends of a configuration file and leaves all other text of it, comments included, as it is. Works on the lines of {@code [[groups.backends]]} tables; a
 * file that lists backends in another way is left to its owner.
 */
public final class BackendEntries {
    private static final Pattern HEADER = Pattern.compile("\\s*\\[.*");
    private static final Pattern GROUP = Pattern.compile("\\s*\\[\\[\\s*groups\\s*]]\\s*(#.*)?");
    private static final Pattern BACKEND = Pattern.compile("\\s*\\[\\[\\s*groups\\s*\\.\\s*backends\\s*]]\\s*(#.*)?");

    private final List<String> lines;
    private final Config config;
    /** Line of the header of each group and backend, in the order of the file. */
    private final List<Integer> groups = new ArrayList<>();

    private final List<Integer> backends = new ArrayList<>();

    /**
     * @param text of the file
     * @param config what the text says
     * @throws CommandFailure when the text lists backends in a way that is not understood here
     */
    public BackendEntries(String text, Config config) throws CommandFailure {
        this.lines = new ArrayList<>(text.lines().toList());
        this.config = config;
        for (int line = 0; line < lines.size(); line++) {
            if (GROUP.matcher(lines.get(line)).matches()) {
                groups.add(line);
            } else if (BACKEND.matcher(lines.get(line)).matches()) {
                backends.add(line);
            }
        }
        if (groups.size() != config.groups().size()
                || backends.size() != config.backends().size()) {
            throw new CommandFailure(config.source() + ": found " + backends.size()
                    + " tables [[groups.backends]], expected one for each of the "
                    + config.backends().size()
                    + " backends; change the file by hand, then: qsfs config reload");
        }
    }

    /** The text now. */
    public String text() {
        return String.join("\n", lines) + "\n";
    }

    /** Adds a backend at the end of a group, which is made when there is none. */
    public BackendEntries add(String group, Config.Backend backend) {
        List<String> entry = new ArrayList<>(List.of("", "[[groups.backends]]"));
        entry.addAll(ConfigText.revealing(backend).lines().toList());
        for (int i = 0; i < groups.size(); i++) {
            if (config.groups().get(i).name().equals(group)) {
                lines.addAll(end(lastHeaderOf(i)), entry);
                return this;
            }
        }
        lines.addAll(List.of("", "[[groups]]", "name = " + ConfigText.quote(group)));
        lines.addAll(entry);
        return this;
    }

    /** Takes a backend out. */
    public BackendEntries remove(BackendId id) {
        int header = header(id);
        lines.subList(header, end(header)).clear();
        return this;
    }

    /** Sets a key of a backend to a value, as TOML writes it; empty takes the key out. */
    public BackendEntries set(BackendId id, String key, Optional<String> value) {
        int header = header(id);
        int end = end(header);
        Pattern entry = Pattern.compile("\\s*\"?" + Pattern.quote(key) + "\"?\\s*=.*");
        for (int line = header + 1; line < end; line++) {
            if (entry.matcher(lines.get(line)).matches()) {
                if (value.isPresent()) {
                    lines.set(line, key + " = " + value.get());
                } else {
                    lines.remove(line);
                }
                return this;
            }
        }
        value.ifPresent(found -> lines.add(header + 1, key + " = " + found));
        return this;
    }

    /** A text as TOML writes it. */
    public static String quoted(String text) {
        return ConfigText.quote(text);
    }

    private int header(BackendId id) {
        List<Config.Backend> all = config.backends();
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).id().equals(id)) {
                return backends.get(i);
            }
        }
        throw new IllegalArgumentException("no backend " + id);
    }

    private int lastHeaderOf(int group) {
        int next = group + 1 < groups.size() ? groups.get(group + 1) : lines.size();
        return backends.stream()
                .filter(line -> line > groups.get(group) && line < next)
                .max(Integer::compare)
                .orElse(groups.get(group));
    }

    /** The line behind the last one of a table that says something; what follows belongs to the next table. */
    private int end(int header) {
        int last = header;
        for (int line = header + 1; line < lines.size(); line++) {
            String text = lines.get(line).strip();
            if (HEADER.matcher(text).matches()) {
                break;
            }
            if (!text.isEmpty() && !text.startsWith("#")) {
                last = line;
            }
        }
        return last + 1;
    }
}
