package org.qsfs.fuse;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.qsfs.fuse.system.Linux;
import org.qsfs.fuse.system.MountTable;

/** What is mounted at a path, found out without ever waiting for a filesystem that does not answer. */
record Mountpoint(Path path, State state, Optional<MountTable.Entry> mount) {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    enum State {
        /** Nothing is mounted at exactly this path. */
        FREE,
        ALIVE,
        /** A FUSE mount whose daemon is gone; every call on it answers ENOTCONN. */
        STALE,
        /** A mount that gives no answer within five seconds. */
        SILENT
    }

    static Mountpoint at(Path path) throws IOException {
        Path absolute = path.toAbsolutePath().normalize();
        Optional<MountTable.Entry> mount = MountTable.read().at(absolute);
        if (mount.isEmpty()) {
            return new Mountpoint(absolute, State.FREE, mount);
        }
        Optional<Integer> answer = statvfs(absolute, PATIENCE);
        State state = answer.map(a -> a == -Linux.ENOTCONN && mount.get().isFuse() ? State.STALE : State.ALIVE)
                .orElse(State.SILENT);
        return new Mountpoint(absolute, state, mount);
    }

    /** Asks the filesystem at a path for its figures, in a thread of its own since the call may never return. @return empty when the time is over */
    static Optional<Integer> statvfs(Path path, Duration limit) {
        CompletableFuture<Integer> answer = new CompletableFuture<>();
        Thread.ofPlatform().name("statvfs " + path).daemon(true).start(() -> answer.complete(Linux.statvfs(path)));
        try {
            return Optional.of(answer.get(limit.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new IllegalStateException("statvfs threw", e);
        }
    }
}
