package org.qsfs.fuse.conformance;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static org.qsfs.fs.Errno.*;
import static org.qsfs.fuse.conformance.Place.*;
import static org.qsfs.fuse.conformance.Rule.rule;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Who watches files and directories is told what happens to them: inotify and fanotify. */
final class NotificationRules {
    private static final int MODIFY = 2;
    private static final int ATTRIB = 4;
    private static final int CLOSE_WRITE = 8;
    private static final int OPEN = 0x20;
    private static final int MOVED_FROM = 0x40;
    private static final int MOVED_TO = 0x80;
    private static final int CREATE = 0x100;
    private static final int DELETE = 0x200;
    private static final int DELETE_SELF = 0x400;
    private static final int MOVE_SELF = 0x800;
    private static final int IGNORED = 0x8000;
    private static final int ONLY_DIRECTORIES = 0x1000000;
    private static final int IS_DIRECTORY = 0x40000000;
    private static final Map<Integer, String> NAMES = new TreeMap<>(Map.ofEntries(
            Map.entry(MODIFY, "modify"),
            Map.entry(ATTRIB, "attrib"),
            Map.entry(CLOSE_WRITE, "close-write"),
            Map.entry(OPEN, "open"),
            Map.entry(MOVED_FROM, "from"),
            Map.entry(MOVED_TO, "to"),
            Map.entry(CREATE, "create"),
            Map.entry(DELETE, "delete"),
            Map.entry(DELETE_SELF, "delete-self"),
            Map.entry(MOVE_SELF, "move-self"),
            Map.entry(IGNORED, "ignored"),
            Map.entry(IS_DIRECTORY, "directory")));
    private static final int ALL =
            MODIFY | ATTRIB | CLOSE_WRITE | OPEN | MOVED_FROM | MOVED_TO | CREATE | DELETE | DELETE_SELF | MOVE_SELF;

    private static final int FAN_NONBLOCK = 2;
    private static final int FAN_REPORT_FID = 0x200;
    private static final int FAN_MARK_ADD = 1;
    private static final long FAN_EVENT_ON_CHILD = 0x08000000L;

    private NotificationRules() {}

    static List<Rule> rules() {
        return List.of(
                rule("inotify of a directory tells what is made, opened, written, changed and removed, in order", p -> {
                    int watch = inotify(p, "", ALL & ~(DELETE_SELF | MOVE_SELF));
                    int f = p.opened("f", O_CREAT | O_RDWR);
                    ok(p.write(f, "content"));
                    p.close(f);
                    ok(p.chmod("f", 0600));
                    ok(p.truncate("f", 3));
                    p.dir("d", 0755);
                    ok(p.unlink("f"));
                    ok(p.rmdir("d"));
                    is(
                            List.of(
                                    "create f",
                                    "open f",
                                    "modify f",
                                    "close-write f",
                                    "attrib f",
                                    "modify f",
                                    "create directory d",
                                    "delete f",
                                    "delete directory d"),
                            events(p, watch));
                }),
                rule("inotify: both sides of a rename have one cookie, links and nodes are made", p -> {
                    p.dir("a", 0755).dir("b", 0755).file("a/f", 0644);
                    int watch = inotify(p, "a", ALL);
                    ok(p.call("inotify_add_watch", watch, p.path() + "/b", ALL));
                    ok(p.rename("a/f", "b/g"));
                    ok(p.link("b/g", "a/h"));
                    ok(p.symlink("h", "a/s"));
                    ok(p.mknod("a/p", Stat.FIFO | 0644, 0));
                    List<Event> events = read(p, watch);
                    is(
                            List.of("from f", "to g", "create h", "create s", "create p"),
                            events.stream()
                                    .map(Event::toString)
                                    .filter(event -> !event.startsWith("attrib"))
                                    .toList());
                    yes("a cookie", events.get(0).cookie() != 0);
                    is(events.get(0).cookie(), events.get(1).cookie());
                }),
                rule("inotify of a file follows it through names until it is gone", p -> {
                    p.file("f", "content");
                    int watch = inotify(p, "f", ATTRIB | MOVE_SELF | DELETE_SELF);
                    ok(p.rename("f", "g"));
                    ok(p.link("g", "h"));
                    is(List.of("move-self ", "attrib "), events(p, watch));
                    ok(p.unlink("g"));
                    is(List.of("attrib "), events(p, watch));
                    ok(p.unlink("h"));
                    is(List.of("attrib ", "delete-self ", "ignored "), events(p, watch));
                }),
                rule("inotify of an open file tells its end at the last close", p -> {
                    p.file("f", "content");
                    int f = p.opened("f", O_RDONLY);
                    int watch = inotify(p, "f", DELETE_SELF);
                    ok(p.unlink("f"));
                    is(List.of(), events(p, watch));
                    p.close(f);
                    is(List.of("delete-self ", "ignored "), events(p, watch));
                }),
                rule("inotify sees what is written through other names, and a file that replaces another", p -> {
                    p.file("a", "old").file("b", "new");
                    ok(p.link("a", "other"));
                    int watch = inotify(p, "a", MODIFY | DELETE_SELF | ATTRIB);
                    ok(p.write(p.opened("other", O_WRONLY), "x"));
                    ok(p.rename("b", "a"));
                    is(List.of("modify ", "attrib "), events(p, watch));
                    ok(p.truncate("a", 0));
                    is(List.of(), events(p, watch));
                }),
                rule("inotify: EACCES without read permission, ENOTDIR, ENOENT, EINVAL", p -> {
                    p.file("f", 0600);
                    int watch = inotify(p, "", CREATE);
                    fails(EACCES, p.as(ALICE).call("inotify_add_watch", watch, p.path() + "/f", OPEN));
                    fails(ENOTDIR, p.call("inotify_add_watch", watch, p.path() + "/f", OPEN | ONLY_DIRECTORIES));
                    fails(ENOENT, p.call("inotify_add_watch", watch, p.path() + "/no", OPEN));
                    fails(EINVAL, p.call("inotify_add_watch", watch, p.path() + "/f", 0));
                }),
                rule("fanotify gives a descriptor of what was opened, written and closed", p -> {
                    p.file("f", "content");
                    long inode = p.stat("f").inode();
                    int watch = fanotify(p, FAN_NONBLOCK, MODIFY | CLOSE_WRITE | OPEN);
                    int f = p.opened("f", O_WRONLY);
                    ok(p.write(f, "C"));
                    p.close(f);
                    long seen = 0;
                    for (Watched event = next(p, watch); event != null; event = next(p, watch)) {
                        seen |= event.mask();
                        is(inode, p.stat(event.descriptor()).inode());
                        is("Content", p.read(event.descriptor(), 0, 99));
                        ok(p.call("close", event.descriptor()));
                    }
                    is((long) (MODIFY | CLOSE_WRITE | OPEN), seen);
                }),
                rule("fanotify tells by file handles what was made and removed in a directory", p -> {
                    int watch = fanotify(p, FAN_NONBLOCK | FAN_REPORT_FID, CREATE | DELETE | MOVED_FROM | MOVED_TO);
                    long seen = 0;
                    p.file("f", 0644);
                    ok(p.rename("f", "g"));
                    ok(p.unlink("g"));
                    for (Watched event = next(p, watch); event != null; event = next(p, watch)) {
                        seen |= event.mask();
                        is(-1, event.descriptor());
                    }
                    is((long) (CREATE | DELETE | MOVED_FROM | MOVED_TO), seen);
                }));
    }

    private record Event(int mask, int cookie, String name) {
        @Override
        public String toString() {
            StringBuilder text = new StringBuilder();
            NAMES.forEach((bit, word) -> text.append((mask & bit) != 0 ? word + " " : ""));
            return text + name;
        }
    }

    private static int inotify(Place p, String path, int mask) {
        int watch = (int) ok(p.call("inotify_init1", O_NONBLOCK));
        p.closeLater(watch);
        ok(p.call("inotify_add_watch", watch, p.path() + (path.isEmpty() ? "" : "/" + path), mask));
        return watch;
    }

    private static List<String> events(Place p, int watch) {
        return read(p, watch).stream().map(Event::toString).toList();
    }

    /** inotify(7): watch, mask, cookie, length of the name, name. */
    private static List<Event> read(Place p, int watch) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(16_384, 8);
            long filled = p.call("read", watch, buffer, 16_384L);
            List<Event> events = new ArrayList<>();
            for (long at = 0; at < filled; at += 16 + buffer.get(JAVA_INT, at + 12)) {
                boolean named = buffer.get(JAVA_INT, at + 12) > 0;
                events.add(new Event(
                        buffer.get(JAVA_INT, at + 4),
                        buffer.get(JAVA_INT, at + 8),
                        named ? buffer.getString(at + 16) : ""));
            }
            return events;
        }
    }

    private static int fanotify(Place p, int flags, int mask) {
        int watch = (int) ok(p.call("fanotify_init", flags, O_RDONLY));
        p.closeLater(watch);
        ok(p.call(
                "fanotify_mark",
                watch,
                FAN_MARK_ADD,
                mask | FAN_EVENT_ON_CHILD,
                AT_FDCWD,
                p.path().toString()));
        return watch;
    }

    private record Watched(long mask, int descriptor) {}

    /** fanotify(7): length, version, reserved, length of this part, mask, descriptor, process. Null when there is no more. */
    private static @org.jspecify.annotations.Nullable Watched next(Place p, int watch) {
        try (Arena arena = Arena.ofConfined()) {
            // room for one event alone: others are left for the next call
            MemorySegment buffer = arena.allocate(160, 8);
            long filled = p.call("read", watch, buffer, 24L);
            if (filled == -EINVAL.number()) {
                filled = p.call("read", watch, buffer, 80L);
            }
            if (filled == -EAGAIN.number()) {
                return null;
            }
            ok(filled);
            is((byte) 3, buffer.get(JAVA_BYTE, 4));
            return new Watched(buffer.get(JAVA_LONG_UNALIGNED, 8), buffer.get(JAVA_INT_UNALIGNED, 16));
        }
    }
}
