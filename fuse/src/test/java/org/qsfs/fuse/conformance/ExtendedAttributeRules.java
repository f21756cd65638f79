package org.qsfs.fuse.conformance;

import static org.qsfs.fs.Errno.*;
import static org.qsfs.fuse.conformance.Place.*;
import static org.qsfs.fuse.conformance.Rule.promise;
import static org.qsfs.fuse.conformance.Rule.rule;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.qsfs.fuse.conformance.Rule.Ability;

/** Extended attributes and access control lists. */
final class ExtendedAttributeRules {
    private static final int CREATE = 1;
    private static final int REPLACE = 2;
    private static final String ACCESS = "system.posix_acl_access";
    private static final String DEFAULT = "system.posix_acl_default";

    private ExtendedAttributeRules() {}

    static List<Rule> rules() {
        return List.of(
                rule("an attribute is set, read, listed, replaced and removed", p -> {
                    p.file("f", 0644);
                    ok(p.setxattr("f", "user.a", new byte[] {1, 0, 2}, 0));
                    ok(p.setxattr("f", "user.b", new byte[0], 0));
                    is(List.of(1, 0, 2), ints(p.xattr("f", "user.a")));
                    is(0L, ok(p.getxattr("f", "user.b", 0)));
                    is(Set.of("user.a", "user.b"), named(p, "f"));
                    ok(p.setxattr("f", "user.a", new byte[] {9}, 0));
                    is(List.of(9), ints(p.xattr("f", "user.a")));
                    ok(p.removexattr("f", "user.a"));
                    fails(ENODATA, p.getxattr("f", "user.a", 10));
                    is(Set.of("user.b"), named(p, "f"));
                }),
                rule("XATTR_CREATE of what exists: EEXIST; XATTR_REPLACE of what does not: ENODATA", p -> {
                    p.file("f", 0644);
                    fails(ENODATA, p.setxattr("f", "user.a", new byte[1], REPLACE));
                    ok(p.setxattr("f", "user.a", new byte[1], CREATE));
                    fails(EEXIST, p.setxattr("f", "user.a", new byte[1], CREATE));
                    ok(p.setxattr("f", "user.a", new byte[2], REPLACE));
                    fails(EINVAL, p.setxattr("f", "user.a", new byte[2], 4));
                    fails(ENODATA, p.removexattr("f", "user.none"));
                }),
                rule("a buffer that is too small: ERANGE; of no size: how much is needed", p -> {
                    p.file("f", 0644);
                    ok(p.setxattr("f", "user.a", new byte[100], 0));
                    is(100L, p.getxattr("f", "user.a", 0));
                    fails(ERANGE, p.getxattr("f", "user.a", 99));
                    is(100L, p.getxattr("f", "user.a", 100));
                }),
                promise("values of 65,536 bytes", p -> {
                    p.file("f", 0644);
                    byte[] value = new byte[65_536];
                    new java.util.Random(1).nextBytes(value);
                    ok(p.setxattr("f", "user.large", value, 0));
                    yes("same value", Arrays.equals(value, p.xattr("f", "user.large")));
                    yes("more is refused", p.setxattr("f", "user.huge", new byte[65_537], 0) < 0);
                }),
                promise("500 attributes of one file", p -> {
                    p.file("f", 0644);
                    for (int i = 0; i < 500; i++) {
                        ok(p.setxattr("f", "user.attribute-" + i, ("value " + i).getBytes(), 0));
                    }
                    is(500, named(p, "f").size());
                    is("value 321", new String(p.xattr("f", "user.attribute-321")));
                }),
                rule("names of 255 bytes; longer ones: ERANGE; without a namespace: EOPNOTSUPP", p -> {
                    p.file("f", 0644);
                    String longest = "user." + "n".repeat(250);
                    ok(p.setxattr("f", longest, new byte[1], 0));
                    fails(ERANGE, p.setxattr("f", longest + "n", new byte[1], 0));
                    fails(EOPNOTSUPP, p.setxattr("f", "nothing", new byte[1], 0));
                    fails(EOPNOTSUPP, p.setxattr("f", "other.name", new byte[1], 0));
                    fails(EINVAL, p.setxattr("f", "user.", new byte[1], 0));
                }),
                rule("setting and removing move ctime, not mtime", p -> {
                    p.file("f", 0644);
                    Stat before = p.stat("f");
                    p.tick();
                    ok(p.setxattr("f", "user.a", new byte[1], 0));
                    Stat set = p.stat("f");
                    yes("ctime moved", set.changed().isAfter(before.changed()));
                    p.tick();
                    ok(p.removexattr("f", "user.a"));
                    yes("ctime moved", p.stat("f").changed().isAfter(set.changed()));
                    is(before.modified(), p.stat("f").modified());
                }),
                rule("user attributes need the file's permissions", p -> {
                    p.file("f", 0644);
                    fails(EACCES, p.as(ALICE).setxattr("f", "user.a", new byte[1], 0));
                    ok(p.setxattr("f", "user.a", new byte[1], 0));
                    is(1L, p.as(ALICE).getxattr("f", "user.a", 9));
                    fails(EACCES, p.as(ALICE).removexattr("f", "user.a"));
                    ok(p.chmod("f", 0600));
                    fails(EACCES, p.as(ALICE).getxattr("f", "user.a", 9));
                }),
                rule("user attributes on links, fifos and devices: EPERM", p -> {
                    ok(p.symlink("x", "l"));
                    ok(p.mknod("p", Stat.FIFO | 0666, 0));
                    ok(p.mknod("c", Stat.CHARACTER | 0666, 0x0103));
                    fails(EPERM, p.lsetxattr("l", "user.a", new byte[1], 0));
                    fails(EPERM, p.setxattr("p", "user.a", new byte[1], 0));
                    fails(EPERM, p.setxattr("c", "user.a", new byte[1], 0));
                }),
                rule("user attributes of a sticky directory are its owner's: EPERM", p -> {
                    p.dir("d", 0777);
                    ok(p.chmod("d", 01777));
                    fails(EPERM, p.as(ALICE).setxattr("d", "user.a", new byte[1], 0));
                    ok(p.setxattr("d", "user.a", new byte[1], 0));
                }),
                rule("trusted attributes are the superuser's, and others do not see them", p -> {
                    p.file("f", 0666);
                    ok(p.setxattr("f", "trusted.a", new byte[] {7}, 0));
                    is(List.of(7), ints(p.xattr("f", "trusted.a")));
                    is(Set.of("trusted.a"), named(p, "f"));
                    is(List.of(), p.as(ALICE).xattrs("f"));
                    fails(ENODATA, p.as(ALICE).getxattr("f", "trusted.a", 9));
                    fails(EPERM, p.as(ALICE).setxattr("f", "trusted.a", new byte[1], 0));
                }),
                rule("security attributes are written by the superuser and read by all", p -> {
                    p.file("f", 0644);
                    ok(p.setxattr("f", "security.test", new byte[] {5}, 0));
                    is(1L, p.as(ALICE).getxattr("f", "security.test", 9));
                    fails(EPERM, p.as(ALICE).setxattr("f", "security.test", new byte[1], 0));
                }),
                rule("attributes on directories and links; they go with the inode", p -> {
                    p.dir("d", 0755);
                    ok(p.symlink("x", "l"));
                    ok(p.setxattr("d", "user.a", new byte[1], 0));
                    ok(p.lsetxattr("l", "trusted.a", new byte[1], 0));
                    ok(p.rename("d", "e"));
                    is(Set.of("user.a"), named(p, "e"));
                    ok(p.rmdir("e"));
                    p.dir("e", 0755);
                    is(Set.of(), named(p, "e"));
                }),
                rule("an access list grants and denies named users and groups", Ability.ACCESS_LISTS, p -> {
                    p.file("f", 0600);
                    ok(p.setxattr("f", ACCESS, acl(user(6), named(2, ALICE.uid(), 4), group(0), mask(7), other(0)), 0));
                    ok(p.as(ALICE).open("f", O_RDONLY, 0));
                    fails(EACCES, p.as(ALICE).open("f", O_WRONLY, 0));
                    fails(EACCES, p.as(BOB).open("f", O_RDONLY, 0));
                    ok(p.setxattr("f", ACCESS, acl(user(6), group(0), named(8, BOB.gid(), 6), mask(7), other(4)), 0));
                    ok(p.as(BOB).open("f", O_RDWR, 0));
                    ok(p.as(ALICE).open("f", O_RDONLY, 0));
                }),
                rule("the mask limits named entries and the group; chmod sets the mask", Ability.ACCESS_LISTS, p -> {
                    p.file("f", 0600);
                    ok(p.setxattr("f", ACCESS, acl(user(6), named(2, ALICE.uid(), 6), group(4), mask(6), other(0)), 0));
                    octal(0660, p.stat("f").permissions());
                    ok(p.as(ALICE).open("f", O_RDWR, 0));
                    ok(p.chmod("f", 0640));
                    fails(EACCES, p.as(ALICE).open("f", O_RDWR, 0));
                    ok(p.as(ALICE).open("f", O_RDONLY, 0));
                    is(
                            ints(acl(user(6), named(2, ALICE.uid(), 6), group(4), mask(4), other(0))),
                            ints(p.xattr("f", ACCESS)));
                }),
                rule("an access list that a mode can say is no list", Ability.ACCESS_LISTS, p -> {
                    p.file("f", 0600);
                    ok(p.setxattr("f", ACCESS, acl(user(6), group(4), other(4)), 0));
                    octal(0644, p.stat("f").permissions());
                    fails(ENODATA, p.getxattr("f", ACCESS, 100));
                }),
                rule("removing an access list leaves the mode", Ability.ACCESS_LISTS, p -> {
                    p.file("f", 0600);
                    ok(p.setxattr("f", ACCESS, acl(user(6), named(2, ALICE.uid(), 6), group(4), mask(6), other(0)), 0));
                    ok(p.removexattr("f", ACCESS));
                    fails(ENODATA, p.getxattr("f", ACCESS, 100));
                    fails(EACCES, p.as(ALICE).open("f", O_RDONLY, 0));
                }),
                rule("a default list is passed on, instead of the umask", Ability.ACCESS_LISTS, p -> {
                    p.dir("d", 0755);
                    byte[] list = acl(user(7), named(2, ALICE.uid(), 7), group(5), mask(7), other(0));
                    ok(p.setxattr("d", DEFAULT, list, 0));
                    p.call("umask", 077);
                    p.file("d/f", 0666).dir("d/sub", 0777);
                    p.call("umask", 0);
                    octal(0660, p.stat("d/f").permissions());
                    octal(0770, p.stat("d/sub").permissions());
                    ok(p.as(ALICE).open("d/f", O_RDWR, 0));
                    is(ints(list), ints(p.xattr("d/sub", DEFAULT)));
                    fails(ENODATA, p.getxattr("d/f", DEFAULT, 100));
                }),
                rule(
                        "access lists: wrong ones EINVAL, default ones of files EACCES, others' EPERM",
                        Ability.ACCESS_LISTS,
                        p -> {
                            p.file("f", 0644);
                            fails(EINVAL, p.setxattr("f", ACCESS, acl(user(6)), 0));
                            fails(EINVAL, p.setxattr("f", ACCESS, acl(user(6), named(2, 5, 6), group(4), other(4)), 0));
                            fails(EACCES, p.setxattr("f", DEFAULT, acl(user(6), group(4), other(4)), 0));
                            fails(EPERM, p.as(ALICE).setxattr("f", ACCESS, acl(user(6), group(4), other(4)), 0));
                        }),
                rule(
                        "a file without a name takes its directory's default list along to the name it gets",
                        Ability.ACCESS_LISTS,
                        p -> {
                            p.dir("d", 0755);
                            ok(p.setxattr("d", DEFAULT, acl(user(7), group(7), other(5)), 0));
                            int f = (int) ok(p.open("d", O_TMPFILE | O_RDWR, 0666));
                            ok(p.call("linkat", f, "", AT_FDCWD, p.path() + "/d/f", AT_EMPTY_PATH));
                            octal(0664, p.stat("d/f").permissions());
                        }),
                rule(
                        "listxattr of a file with an access list: ERANGE in every room that is too small",
                        Ability.ACCESS_LISTS,
                        p -> {
                            p.file("f", 0644);
                            ok(p.setxattr(
                                    "f",
                                    ACCESS,
                                    acl(user(6), named(2, ALICE.uid(), 4), group(4), mask(4), other(4)),
                                    0));
                            ok(p.setxattr("f", "user.a", new byte[1], 0));
                            ok(p.setxattr("f", "trusted.b", new byte[1], 0));
                            try (java.lang.foreign.Arena arena = java.lang.foreign.Arena.ofConfined()) {
                                var room = arena.allocate(200);
                                long needed = ok(p.call("listxattr", p.path() + "/f", room, 0L));
                                for (long size = 1; size < needed; size++) {
                                    fails(ERANGE, p.call("listxattr", p.path() + "/f", room, size));
                                }
                                is(needed, p.call("listxattr", p.path() + "/f", room, needed));
                            }
                        }),
                rule("setting an access list moves ctime", Ability.ACCESS_LISTS, p -> {
                    p.file("f", 0644);
                    Stat before = p.stat("f");
                    p.tick();
                    ok(p.setxattr("f", ACCESS, acl(user(6), named(2, ALICE.uid(), 4), group(4), mask(4), other(4)), 0));
                    yes("ctime moved", p.stat("f").changed().isAfter(before.changed()));
                    is(before.modified(), p.stat("f").modified());
                }),
                rule("an access list that does not give x closes a directory", Ability.ACCESS_LISTS, p -> {
                    p.dir("d", 0755).file("d/f", 0644);
                    ok(p.setxattr("d", ACCESS, acl(user(7), named(2, ALICE.uid(), 6), group(5), mask(7), other(5)), 0));
                    fails(EACCES, p.as(ALICE).statError("d/f"));
                    ok(p.as(BOB).statError("d/f"));
                    is(List.of("f"), p.as(ALICE).list("d"));
                }),
                rule("an access list of 100 users", Ability.ACCESS_LISTS, p -> {
                    p.file("f", 0600);
                    Entry[] entries = new Entry[104];
                    entries[0] = user(6);
                    for (int i = 0; i < 100; i++) {
                        entries[1 + i] = named(2, 20_000 + i, 4);
                    }
                    entries[101] = group(0);
                    entries[102] = mask(7);
                    entries[103] = other(0);
                    ok(p.setxattr("f", ACCESS, acl(entries), 0));
                    is(ints(acl(entries)), ints(p.xattr("f", ACCESS)));
                    ok(p.as(new Native.User(20_099, 20_099)).open("f", O_RDONLY, 0));
                    fails(EACCES, p.as(new Native.User(20_100, 20_100)).open("f", O_RDONLY, 0));
                }),
                rule(
                        "setting an access list by an owner outside of the group takes set-group-id away",
                        Ability.ACCESS_LISTS,
                        p -> {
                            p.file("f", 0644);
                            ok(p.chown("f", ALICE.uid(), BOB.gid()));
                            ok(p.chmod("f", 02755));
                            ok(p.as(ALICE).setxattr("f", ACCESS, acl(user(7), group(5), other(5)), 0));
                            octal(0755, p.stat("f").permissions());
                        }),
                rule("an access list opens directories", Ability.ACCESS_LISTS, p -> {
                    p.dir("d", 0700).file("d/f", 0644);
                    fails(EACCES, p.as(ALICE).open("d/f", O_RDONLY, 0));
                    ok(p.setxattr("d", ACCESS, acl(user(7), named(2, ALICE.uid(), 7), group(0), mask(7), other(0)), 0));
                    ok(p.as(ALICE).open("d/f", O_RDONLY, 0));
                    p.as(ALICE).file("d/g", 0644);
                    fails(EACCES, p.as(BOB).open("d/f", O_RDONLY, 0));
                }));
    }

    private static Set<String> named(Place p, String path) {
        Set<String> names = new TreeSet<>(p.xattrs(path));
        // a host with security modules adds labels of its own
        names.removeIf(name -> name.equals("security.selinux"));
        return names;
    }

    private static List<Integer> ints(byte[] bytes) {
        java.util.List<Integer> all = new java.util.ArrayList<>();
        for (byte b : bytes) {
            all.add((int) b);
        }
        return all;
    }

    private record Entry(int tag, int permissions, int id) {}

    private static Entry user(int permissions) {
        return new Entry(1, permissions, -1);
    }

    private static Entry group(int permissions) {
        return new Entry(4, permissions, -1);
    }

    private static Entry mask(int permissions) {
        return new Entry(0x10, permissions, -1);
    }

    private static Entry other(int permissions) {
        return new Entry(0x20, permissions, -1);
    }

    /** Tag 2 is a user's entry, 8 a group's. */
    private static Entry named(int tag, int id, int permissions) {
        return new Entry(tag, permissions, id);
    }

    /** linux/posix_acl_xattr.h: version 2, then entries of tag, permissions and id, little endian. */
    private static byte[] acl(Entry... entries) {
        var buffer = java.nio.ByteBuffer.allocate(4 + 8 * entries.length).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(2);
        for (Entry e : entries) {
            buffer.putShort((short) e.tag()).putShort((short) e.permissions()).putInt(e.id());
        }
        return buffer.array();
    }
}
