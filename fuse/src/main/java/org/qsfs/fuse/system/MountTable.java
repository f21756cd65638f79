package org.qsfs.fuse.system;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The mounts that this process sees, in the order they were made, from {@code /proc/self/mountinfo} (format: proc_pid_mountinfo(5)). Reading it never touches
 * a mounted filesystem, so it does not hang on one that is dead.
 */
public record MountTable(List<Entry> entries) {
    private static final Path MOUNTINFO = Path.of("/proc/self/mountinfo");

    /**
     * One mount.
     *
     * @param device {@code major:minor} of the filesystem; FUSE calls the minor number its connection
     * @param type such as {@code ext4} or {@code fuse.qsfs}
     */
    public record Entry(long id, String device, Path mountpoint, String type, String source) {
        public boolean isFuse() {
            return type.equals("fuse") || type.equals("fuseblk") || type.startsWith("fuse.");
        }
    }

    public static MountTable read() throws IOException {
        return parse(Files.readString(MOUNTINFO, StandardCharsets.ISO_8859_1));
    }

    static MountTable parse(String text) {
        List<Entry> entries = new ArrayList<>();
        for (String line : text.lines().toList()) {
            String[] halves = line.split(" - ", 2);
            if (halves.length < 2) {
                continue;
            }
            String[] fields = halves[0].split(" ", -1);
            String[] rest = halves[1].split(" ", -1);
            if (fields.length < 5 || rest.length < 2) {
                continue;
            }
            entries.add(new Entry(
                    Long.parseLong(fields[0]), fields[2], Path.of(unescape(fields[4])), rest[0], unescape(rest[1])));
        }
        return new MountTable(List.copyOf(entries));
    }

    /** The mount that is on top at exactly this path. */
    public Optional<Entry> at(Path mountpoint) {
        return entries.stream().filter(e -> e.mountpoint().equals(mountpoint)).reduce((lower, upper) -> upper);
    }

    /** Space, tab, newline and backslash appear as a backslash and three octal digits. */
    private static String unescape(String field) {
        byte[] bytes = new byte[field.length()];
        int length = 0;
        for (int i = 0; i < field.length(); i++) {
            if (field.charAt(i) == '\\' && i + 3 < field.length()) {
                bytes[length++] = (byte) Integer.parseInt(field.substring(i + 1, i + 4), 8);
                i += 3;
            } else {
                bytes[length++] = (byte) field.charAt(i);
            }
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
}
