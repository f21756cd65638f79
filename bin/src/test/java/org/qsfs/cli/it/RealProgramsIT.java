package org.qsfs.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("Programs on a mount")
@Tag("long")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class RealProgramsIT {
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final Path POSTGRES = Path.of("/usr/lib/postgresql");

    private Path directory;
    private Installation qsfs;
    private Path mountpoint;

    @BeforeAll
    void mount(@TempDir Path temporary) throws Exception {
        directory = temporary;
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        qsfs = new Installation(directory);
        mountpoint = qsfs.mountpoint("mnt");
        qsfs.qsfs("mount", mountpoint, "-d").succeeded();
    }

    @AfterAll
    void remove() throws IOException {
        qsfs.close();
    }

    /** A script with the mountpoint as {@code $1}, a directory of the host as {@code $2} and the project as {@code $3}. @return what it printed */
    private String sh(String script) throws Exception {
        Path host = Files.createDirectories(directory.resolve("host"));
        Path project = qsfs.launcher().getParent().getParent();
        return qsfs.run(
                        LIMIT,
                        List.of(
                                "bash",
                                "-c",
                                "set -euo pipefail; " + script,
                                "bash",
                                mountpoint.toString(),
                                host.toString(),
                                project.toString()))
                .succeeded()
                .out()
                .trim();
    }

    private static void needs(String... programs) {
        for (String program : programs) {
            boolean there = List.of("/usr/bin", "/usr/local/bin", "/bin", "/usr/sbin").stream()
                    .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
            Assumptions.assumeTrue(there, program + " is not installed");
        }
    }

    private void remount() throws Exception {
        qsfs.qsfs("umount", mountpoint).succeeded();
        qsfs.qsfs("mount", mountpoint, "-d").succeeded();
    }

    private void crashAndMountAgain() throws Exception {
        Installation.kill(qsfs.daemon("default").orElseThrow());
        qsfs.qsfs("mount", mountpoint, "-d").succeeded();
    }

    @Test
    @DisplayName("git: a clone of the project is whole, also after a commit, a gc and a remount")
    void git() throws Exception {
        needs("git");
        String git = "git -c user.name=t -c user.email=t@example.org -c safe.directory='*' ";
        sh(git + "clone -q --no-hardlinks \"$3\" \"$1/clone\"; cd \"$1/clone\"; git fsck --full --strict --no-dangling;"
                + " test -z \"$(git status --porcelain)\"; echo more >> README.md; " + git + "commit -qam more; " + git
                + "gc -q; git fsck --full --no-dangling");
        remount();
        assertThat(sh("cd \"$1/clone\"; git fsck --full --no-dangling; git status --porcelain; git log -1 --format=%s"))
                .isEqualTo("more");
    }

    @Test
    @DisplayName(
            "SQLite: a database with a write-ahead log is whole after its writer, and after the daemon, was killed")
    void sqlite() throws Exception {
        needs("sqlite3");
        sh(
                "sqlite3 \"$1/db\" 'PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t(i INTEGER PRIMARY KEY, v TEXT);'");
        String writer =
                "(while :; do echo \"INSERT INTO t(v) VALUES(hex(randomblob(500)));\"; done | sqlite3 \"$1/db\") & ";
        String count = "sqlite3 \"$1/db\" 'SELECT count(*) FROM t'";
        sh(writer + "writer=$!; until [ \"$(" + count + ")\" -ge 200 ]; do sleep 0.1; done;"
                + " kill -9 $(pgrep -P $writer) $writer; wait || true");
        assertThat(sh("sqlite3 \"$1/db\" 'PRAGMA integrity_check'")).isEqualTo("ok");
        int committed = Integer.parseInt(sh(count));
        assertThat(committed).isGreaterThanOrEqualTo(200);
        crashAndMountAgain();
        assertThat(sh("sqlite3 \"$1/db\" 'PRAGMA integrity_check'")).isEqualTo("ok");
        assertThat(Integer.parseInt(sh(count))).isEqualTo(committed);
    }

    @Test
    @DisplayName("tar and rsync -aHAX: a tree with links, lists and attributes comes back as it was")
    void copies() throws Exception {
        needs("rsync", "setfacl", "setfattr");
        sh(
                "mkdir -p \"$2/tree/sub/deep\"; cd \"$2/tree\"; cp -r \"$3/docs\" .; echo x > f; ln f sub/hard; ln -s ../f sub/link;"
                        + " ln -s nowhere dangling; mkfifo fifo; mknod null c 1 3; chmod 4755 f; chmod 1777 sub; chown 12:34 sub/deep;"
                        + " truncate -s 5M sparse; touch -d 1965-01-01 old; setfattr -n user.a -v value f; setfattr -n trusted.b -v value sub;"
                        + " setfacl -m u:1234:rw f; setfacl -d -m g:4321:rx sub");
        String difference = "rsync -aHAXni --checksum --delete ";
        assertThat(sh("rsync -aHAX \"$2/tree/\" \"$1/rsync/\"; " + difference + "\"$2/tree/\" \"$1/rsync/\""))
                .isEmpty();
        sh("tar --xattrs --xattrs-include='*' --acls -C \"$2/tree\" -cf \"$1/tree.tar\" .; mkdir \"$1/tar\";"
                + " tar --xattrs --xattrs-include='*' --acls -C \"$1/tar\" -xpf \"$1/tree.tar\"");
        remount();
        assertThat(sh(difference + "\"$1/rsync/\" \"$1/tar/\"")).isEmpty();
        assertThat(sh("rsync -aHAX \"$1/tar/\" \"$2/back/\"; " + difference + "\"$2/tree/\" \"$2/back/\""))
                .isEmpty();
        assertThat(
                        sh(
                                "stat -c '%h %a' \"$1/rsync/sub/hard\"; stat -c %b \"$1/rsync/sparse\"; getfacl -cp \"$1/rsync/f\" | grep 1234"))
                .startsWith("2 4775")
                .contains("user:1234:rw-");
    }

    @Test
    @DisplayName("fio: what it writes at random it reads back, with checksums of its own")
    void fio() throws Exception {
        needs("fio");
        sh(
                "fio --name=verify --directory=\"$1\" --rw=randwrite --bssplit=512/20:4k/40:64k/30:1M/10 --size=128M --verify=crc32c"
                        + " --do_verify=1 --verify_fatal=1 --fsync=64 --end_fsync=1 --output=\"$2/fio.txt\"");
        remount();
        sh(
                "fio --name=verify --directory=\"$1\" --rw=randread --bssplit=512/20:4k/40:64k/30:1M/10 --size=128M --verify=crc32c"
                        + " --verify_only --verify_fatal=1 --output=\"$2/fio2.txt\" || { cat \"$2/fio2.txt\"; exit 1; }");
    }

    @Test
    @DisplayName("PostgreSQL: pgbench for a minute, with a restart of the daemon in between, leaves sums that agree")
    void postgres() throws Exception {
        Assumptions.assumeTrue(Files.isDirectory(POSTGRES), "postgresql is not installed");
        String bin = "bin=$(ls -d " + POSTGRES + "/*/bin | tail -1); as() { runuser -u postgres -- \"$@\"; };"
                + " sockets=\"$2/sockets\"; start() { as $bin/pg_ctl -s -w -D \"$1/pg/data\" -l \"$2/sockets/log\" -o \"-c listen_addresses= -k $sockets\" start; };"
                + " stop() { as $bin/pg_ctl -s -w -m fast -D \"$1/pg/data\" stop; };"
                + " bench() { as $bin/pgbench -h $sockets -c 4 -j 2 -T 30 postgres > \"$2/bench.txt\" 2>&1 || { cat \"$2/bench.txt\"; false; }; };"
                + " cd /; ";
        sh(bin + "mkdir -p \"$sockets\" \"$1/pg\"; chmod 755 \"$2\"; chown postgres \"$sockets\" \"$1/pg\";"
                + " as $bin/initdb -D \"$1/pg/data\" > /dev/null; start \"$@\"; as $bin/pgbench -q -i -s 5 -h $sockets postgres 2> /dev/null;"
                + " bench \"$@\"; stop \"$@\"");
        remount();
        String sums =
                "select (select sum(abalance) from pgbench_accounts) = all (array[(select sum(bbalance) from pgbench_branches),"
                        + " (select sum(tbalance) from pgbench_tellers)]) and (select count(*) > 100 from pgbench_history)";
        assertThat(sh(bin + "start \"$@\"; bench \"$@\"; as $bin/psql -h $sockets -At -d postgres -c \"" + sums
                        + "\"; stop \"$@\""))
                .isEqualTo("t");
    }

    @Test
    @DisplayName("Maven: a module of the project builds and its tests pass on the mount")
    void maven() throws Exception {
        needs("mvn", "git");
        sh("git -c safe.directory='*' clone -q --no-hardlinks \"$3\" \"$1/build\"; cd \"$1/build\";"
                + " mvn -q -B -o test -pl erasure -Dspotless.check.skip=true > \"$2/mvn.txt\" 2>&1 || { tail -50 \"$2/mvn.txt\"; exit 1; };"
                + " test -f erasure/target/classes/org/qsfs/erasure/package-info.class");
    }
}
