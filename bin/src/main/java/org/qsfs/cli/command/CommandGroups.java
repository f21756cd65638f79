package org.qsfs.cli.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Help;

/** Lists the commands by what they are about, a sentence each. */
final class CommandGroups {
    private static final Pattern SENTENCE_END = Pattern.compile("[.:;](\\s|$)");
    private static final int NAME_WIDTH = 12;

    /** A title and its commands, in the order they are shown. */
    private record Group(String title, List<String> commands) {}

    private static final List<Group> GROUPS = List.of(
            new Group("Filesystem", List.of("mount", "umount", "status", "stats", "flush", "check", "cache")),
            new Group("Volume", List.of("init", "restore", "config", "key", "catalog")),
            new Group("Backends", List.of("backend", "repair", "scrub", "gc")),
            new Group("Single files", List.of("store", "retrieve", "rebuild", "object", "import")),
            new Group("Tools", List.of("zdb", "doctor", "completion")));

    private CommandGroups() {}

    /** The list, for {@link CommandLine.Model.UsageMessageSpec#SECTION_KEY_COMMAND_LIST}. Commands of no group come last. */
    static String list(Help help) {
        Map<String, Help> commands = help.subcommands();
        List<String> left = new ArrayList<>(commands.keySet());
        StringBuilder text = new StringBuilder();
        for (Group group : GROUPS) {
            List<String> known =
                    group.commands().stream().filter(commands::containsKey).toList();
            append(text, group.title(), known, commands);
            left.removeAll(known);
        }
        append(text, "Others", left, commands);
        return text.toString();
    }

    private static void append(StringBuilder text, String title, List<String> names, Map<String, Help> commands) {
        if (names.isEmpty()) {
            return;
        }
        text.append(System.lineSeparator()).append(title).append(':').append(System.lineSeparator());
        for (String name : names) {
            String[] description = Objects.requireNonNull(commands.get(name))
                    .commandSpec()
                    .usageMessage()
                    .description();
            String sentence = description.length == 0 ? "" : SENTENCE_END.split(description[0], 2)[0];
            text.append("  " + name + " ".repeat(Math.max(1, NAME_WIDTH - name.length())) + sentence)
                    .append(System.lineSeparator());
        }
    }
}
