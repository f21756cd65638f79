package org.qsfs.fuse.conformance;

import static org.qsfs.fs.Errno.*;
import static org.qsfs.fuse.conformance.Place.*;
import static org.qsfs.fuse.conformance.Rule.rule;

import java.util.List;

/** name_to_handle_at(2) and open_by_handle_at(2), of inodes that the kernel remembers and of those that it has forgotten. */
final class HandleRules {
    private HandleRules() {}

    static List<Rule> rules() {
        return List.of(
                rule("a file handle opens the file, for reading and for writing", p -> {
                    p.file("f", "content");
                    byte[] handle = p.handle("f");
                    is("content", p.read((int) ok(p.open(handle, O_RDONLY)), 0, 9));
                    ok(p.write((int) ok(p.open(handle, O_WRONLY | O_APPEND)), "!"));
                    is("content!", p.content("f"));
                }),
                rule("a file handle of a forgotten file opens it", p -> {
                    p.dir("d", 0755).dir("d/e", 0755).file("d/e/f", "content");
                    byte[] handle = p.handle("d/e/f");
                    long inode = p.stat("d/e/f").inode();
                    p.forgetUnused();
                    int f = (int) ok(p.open(handle, O_RDWR));
                    is("content", p.read(f, 0, 9));
                    is(inode, p.stat(f).inode());
                    ok(p.write(f, "C", 0));
                    is("Content", p.content("d/e/f"));
                }),
                rule("a file handle of a forgotten directory opens it, and dot-dot leads up from there", p -> {
                    p.dir("d", 0755).dir("d/e", 0755).dir("d/e/f", 0755).file("d/e/f/x", 0644);
                    byte[] handle = p.handle("d/e/f");
                    p.forgetUnused();
                    int f = (int) ok(p.open(handle, O_RDONLY | O_DIRECTORY));
                    List<String> names = p.entries(f, 4096).stream()
                            .map(Listed::name)
                            .sorted()
                            .toList();
                    is(List.of(".", "..", "x"), names);
                    int up = (int) ok(p.call("openat", f, "../..", O_RDONLY | O_DIRECTORY, 0));
                    is(p.stat("d").inode(), p.stat(up).inode());
                    ok(p.call("close", up));
                }),
                rule("a file handle follows its file through renames and other names", p -> {
                    p.dir("d", 0755).file("f", "content");
                    byte[] handle = p.handle("f");
                    ok(p.rename("f", "d/g"));
                    p.forgetUnused();
                    is("content", p.read((int) ok(p.open(handle, O_RDONLY)), 0, 9));
                    ok(p.link("d/g", "h"));
                    ok(p.unlink("d/g"));
                    p.closeAll();
                    p.forgetUnused();
                    is("content", p.read((int) ok(p.open(handle, O_RDONLY)), 0, 9));
                }),
                rule("a file handle of a removed file or directory: ESTALE", p -> {
                    p.file("f", "content").dir("d", 0755);
                    byte[] file = p.handle("f");
                    byte[] directory = p.handle("d");
                    ok(p.unlink("f"));
                    ok(p.rmdir("d"));
                    fails(ESTALE, p.open(file, O_RDONLY));
                    fails(ESTALE, p.open(directory, O_RDONLY));
                    p.file("f", "other").dir("d", 0755);
                    fails(ESTALE, p.open(file, O_RDONLY));
                    fails(ESTALE, p.open(directory, O_RDONLY));
                }),
                rule("a file handle of a removed file that is open opens it", p -> {
                    p.file("f", "content");
                    byte[] handle = p.handle("f");
                    int open = p.opened("f", O_RDONLY);
                    ok(p.unlink("f"));
                    is("content", p.read((int) ok(p.open(handle, O_RDONLY)), 0, 9));
                    // FUSE ends a file's last use some time after the close
                    for (int i = 0; i == 0 || (i < 500 && p.open(handle, O_RDONLY) >= 0); i++) {
                        p.closeAll();
                        p.tick();
                    }
                    fails(ESTALE, p.open(handle, O_RDONLY));
                    yes("a descriptor was open", open > 0);
                }),
                rule("file handles of every kind, for O_PATH", p -> {
                    p.file("f", 0644).dir("d", 0755);
                    ok(p.symlink("x", "l"));
                    ok(p.mknod("p", Stat.FIFO | 0644, 0));
                    for (String name : List.of("f", "d", "l", "p")) {
                        byte[] handle = p.handle(name);
                        Stat before = p.lstat(name);
                        p.forgetUnused();
                        is(before, p.stat((int) ok(p.open(handle, O_PATH))));
                    }
                }),
                rule("open_by_handle_at by an ordinary user: EPERM", p -> {
                    p.as(Native.User.ROOT).file("f", 0666);
                    byte[] handle = p.as(ALICE).handle("f");
                    fails(EPERM, p.as(ALICE).open(handle, O_RDONLY));
                }));
    }
}
