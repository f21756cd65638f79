package org.qsfs.zdb.server;

import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Collectors;
import org.qsfs.zdb.engine.DatabaseListener;
import org.qsfs.zdb.engine.Jump;
import org.qsfs.zdb.engine.Namespace;

/** Turns what happens to namespaces into hook events (ZDB.md §13). */
final class HookEvents implements DatabaseListener {
    private record Closing(String namespace, String index, String data, String dirty) {}

    private final Hooks hooks;
    private final List<Closing> closing = new CopyOnWriteArrayList<>();
    /** Files that are being restored: those who need the same one wait for the same run. */
    private final ConcurrentMap<Path, FutureTask<Boolean>> restoring = new ConcurrentHashMap<>();

    HookEvents(Hooks hooks) {
        this.hooks = hooks;
    }

    @Override
    public void jumped(Namespace namespace, Jump jump) {
        if (!hooks.isConfigured()) {
            return;
        }
        // until the hook has ended the numbers belong to it; a failure gives them back
        SortedSet<Integer> dirty = jump.dirty();
        namespace.resetDirty(dirty);
        hooks.queue(
                "jump-index",
                status -> {
                    if (status != 0) {
                        namespace.addDirty(dirty);
                    }
                },
                jump.oldIndex().toString(),
                jump.newIndex().toString(),
                numbers(dirty));
        hooks.queue("jump-data", jump.oldData().toString(), jump.newData().toString());
    }

    private static String numbers(SortedSet<Integer> dirty) {
        return dirty.stream().map(String::valueOf).collect(Collectors.joining(" "));
    }

    @Override
    public void created(String namespace) {
        hooks.queue("namespace-created", namespace);
    }

    @Override
    public void updated(String namespace) {
        hooks.queue("namespace-updated", namespace);
    }

    @Override
    public void deleted(String namespace) {
        hooks.queue("namespace-deleted", namespace);
    }

    @Override
    public void reloaded(String namespace) {
        hooks.queue("namespace-reloaded", namespace);
    }

    @Override
    public void flushed(String namespace) {
        hooks.queue("namespace-flushed", namespace);
    }

    @Override
    public void closing(Namespace namespace, SortedSet<Integer> dirty) {
        closing.add(new Closing(
                namespace.name(),
                namespace
                        .indexDirectory()
                        .resolve("i" + namespace.activeNumber())
                        .toString(),
                namespace
                        .dataDirectory()
                        .resolve("d" + namespace.activeNumber())
                        .toString(),
                numbers(dirty)));
    }

    /** Queues the events of namespaces that were closed. */
    void runClosing() {
        for (Closing c : closing) {
            hooks.queue("namespace-closing", c.namespace(), c.index(), c.data(), c.dirty());
        }
    }

    /** Runs {@code missing-data} for a file, once for all who need it. */
    boolean restore(Path file) {
        FutureTask<Boolean> mine = new FutureTask<>(() -> hooks.run("missing-data", file.toString()) == 0);
        FutureTask<Boolean> running = restoring.putIfAbsent(file, mine);
        try {
            if (running != null) {
                return running.get();
            }
            mine.run();
            return mine.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException e) {
            return false;
        } finally {
            restoring.remove(file, mine);
        }
    }
}
