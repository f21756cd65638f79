package org.qsfs.fuse.conformance;

import static org.qsfs.fs.Errno.*;
import static org.qsfs.fuse.conformance.Place.*;
import static org.qsfs.fuse.conformance.Rule.rule;

import java.time.Instant;
import java.util.List;
import org.qsfs.fuse.conformance.Rule.Ability;

/** The four times of an inode: who may set them, what moves them. */
final class TimeRules {
    private TimeRules() {}

    static List<Rule> rules() {
        return List.of(
                rule("utimensat sets both times to the nanosecond and moves ctime", p -> {
                    p.file("f", 0644);
                    Stat before = p.stat("f");
                    p.tick();
                    ok(p.times("f", 1_000_000_000, 123_456_789, 2_000_000_000, 987_654_321));
                    Stat after = p.stat("f");
                    is(Instant.ofEpochSecond(1_000_000_000, 123_456_789), after.accessed());
                    is(Instant.ofEpochSecond(2_000_000_000, 987_654_321), after.modified());
                    yes("ctime moved", after.changed().isAfter(before.changed()));
                }),
                rule("UTIME_OMIT leaves a time, UTIME_NOW sets it to now", p -> {
                    p.file("f", 0644);
                    ok(p.times("f", 100, 0, 200, 0));
                    ok(p.times("f", 0, UTIME_OMIT, 300, 0));
                    is(Instant.ofEpochSecond(100), p.stat("f").accessed());
                    is(Instant.ofEpochSecond(300), p.stat("f").modified());
                    ok(p.times("f", 0, UTIME_NOW, 0, UTIME_OMIT));
                    yes("now", p.stat("f").accessed().isAfter(Instant.now().minusSeconds(60)));
                    is(Instant.ofEpochSecond(300), p.stat("f").modified());
                    fails(EINVAL, p.times("f", 0, 1_000_000_000, 0, 0));
                }),
                rule("utimensat(AT_SYMLINK_NOFOLLOW) sets a link's own times", p -> {
                    p.file("f", 0644);
                    ok(p.symlink("f", "l"));
                    ok(p.times("l", 100, 0, 200, 0));
                    is(Instant.ofEpochSecond(200), p.lstat("l").modified());
                    yes("the target's stay", p.stat("f").modified().isAfter(Instant.ofEpochSecond(1_000)));
                }),
                rule("times are the owner's to set, now is any writer's", p -> {
                    p.dir("d", 0777).file("d/f", 0666).file("d/r", 0644);
                    fails(EPERM, p.as(ALICE).times("d/f", 100, 0, 200, 0));
                    ok(p.as(ALICE).times("d/f", 0, UTIME_NOW, 0, UTIME_NOW));
                    fails(EPERM, p.as(ALICE).times("d/f", 0, UTIME_NOW, 0, UTIME_OMIT));
                    fails(EACCES, p.as(ALICE).times("d/r", 0, UTIME_NOW, 0, UTIME_NOW));
                    ok(p.as(ALICE).times("d/r", 0, UTIME_OMIT, 0, UTIME_OMIT));
                    p.as(ALICE).file("d/own", 0444);
                    ok(p.as(ALICE).times("d/own", 100, 0, 200, 0));
                }),
                rule("times from 1901 to 2446 are kept", p -> {
                    p.file("f", 0644);
                    for (String time : List.of(
                            "1901-12-13T20:45:52Z",
                            "1969-12-31T23:59:59.999999999Z",
                            "1970-01-01T00:00:00Z",
                            "2038-01-19T03:14:08Z",
                            "2106-02-07T06:28:16.000000001Z",
                            "2446-05-10T22:38:55Z")) {
                        Instant t = Instant.parse(time);
                        ok(p.times("f", t, t));
                        is(t, p.stat("f").modified());
                        is(t, p.stat("f").accessed());
                    }
                }),
                rule("times survive other changes", p -> {
                    p.file("f", "content");
                    ok(p.times("f", 100, 0, 200, 0));
                    ok(p.chmod("f", 0600));
                    ok(p.rename("f", "g"));
                    ok(p.link("g", "h"));
                    is(Instant.ofEpochSecond(200), p.stat("g").modified());
                    is(Instant.ofEpochSecond(100), p.stat("g").accessed());
                }),
                rule("a time that is set before the last close stays", p -> {
                    int f = p.opened("f", O_CREAT | O_RDWR);
                    ok(p.write(f, "content"));
                    ok(p.times("f", 100, 0, 200, 0));
                    p.close(f);
                    is(Instant.ofEpochSecond(200), p.stat("f").modified());
                }),
                rule("reading a link and listing a directory move atime when it is older than mtime", p -> {
                    p.dir("d", 0755).file("d/f", 0644);
                    ok(p.times("d", 100, 0, 200, 0));
                    p.list("d");
                    yes("atime moved", p.stat("d").accessed().isAfter(Instant.ofEpochSecond(200)));
                }),
                rule("reading moves atime when it is older than mtime", p -> {
                    p.file("f", "c".repeat(4096));
                    ok(p.times("f", 100, 0, 200, 0));
                    int f = p.opened("f", O_RDONLY | O_DIRECT);
                    try (var arena = java.lang.foreign.Arena.ofConfined()) {
                        ok(p.call("pread", f, arena.allocate(4096, 4096), 4096L, 0L));
                    }
                    yes("atime moved", p.stat("f").accessed().isAfter(Instant.ofEpochSecond(200)));
                }),
                rule("the birth time is when the inode was made, and never moves", Ability.BIRTH_TIME, p -> {
                    Stat before = p.stat("");
                    p.tick();
                    p.file("f", "content").dir("d", 0755);
                    ok(p.symlink("x", "l"));
                    for (String name : List.of("f", "d", "l")) {
                        Instant born = p.birth(name);
                        yes("later than what was before", !born.isBefore(before.changed()));
                        p.tick();
                        ok(p.times(name, 100, 0, 200, 0));
                        ok(p.rename(name, name + "2"));
                        ok(p.lchown(name + "2", 5, 6));
                        is(born, p.birth(name + "2"));
                        is(Instant.ofEpochSecond(200), p.lstat(name + "2").modified());
                        yes(
                                "and changes come later",
                                p.lstat(name + "2").changed().isAfter(born));
                    }
                }));
    }
}
