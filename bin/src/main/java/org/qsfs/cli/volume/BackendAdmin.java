package org.qsfs.cli.volume;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.qsfs.cli.admin.AdminReply;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.admin.Json;
import org.qsfs.cli.admin.Progress;
import org.qsfs.cli.config.BackendEntries;
import org.qsfs.cli.config.Config;
import org.qsfs.stor.StorEngine;
import org.qsfs.stor.backend.BackendState;
import org.qsfs.stor.backend.BackendStatus;
import org.qsfs.stor.repair.Holdings;
import org.qsfs.stor.repair.Movement;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.zdb.client.NamespaceMode;
import org.qsfs.zdb.client.NamespaceSettings;
import org.qsfs.zdb.client.ZdbClient;
import org.qsfs.zdb.client.ZdbEndpoint;
import org.qsfs.zdb.client.ZdbException;
import org.qsfs.zdb.client.ZdbTimeouts;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code qsfs backend …} inside the daemon: changes the configuration file and what is in use together, and moves shards. Thread-safe. */
public final class BackendAdmin {
    private static final ZdbTimeouts TIMEOUTS = new ZdbTimeouts(Duration.ofSeconds(3), Duration.ofSeconds(30));
    private static final Pattern ROTATED = Pattern.compile("(.*)-r(\\d{1,6})");

    private final LiveConfig config;
    private final StorEngine engine;

    BackendAdmin(LiveConfig config, StorEngine engine) {
        this.config = config;
        this.engine = engine;
    }

    /** Every backend: how it is, what it may get, what it holds. */
    public AdminReply list() throws IOException {
        ObjectNode result = Json.object();
        ArrayNode all = result.putArray("backends");
        boolean healthy = true;
        for (BackendStatus backend : engine.backends()) {
            Holdings holdings = engine.holdings(backend.id());
            healthy &= backend.state() == BackendState.HEALTHY;
            all.addObject()
                    .put("id", backend.id().value())
                    .put("address", backend.address())
                    .put("group", backend.group())
                    .put("state", backend.state().name().toLowerCase(java.util.Locale.ROOT))
                    .put("detail", backend.detail())
                    .put("weight", backend.terms().weight())
                    .put("capacity", backend.terms().capacity())
                    .put("draining", backend.terms().draining())
                    .put("segments", holdings.segments())
                    .put("last_copies", holdings.lastCopies())
                    .put("held_bytes", engine.heldBytes(backend.id()))
                    .put("live_bytes", backend.liveBytes())
                    .put("free_bytes", backend.freeBytes());
        }
        return new AdminReply(result, healthy ? CommandFailure.DONE : CommandFailure.DEGRADED);
    }

    /** Adds a backend; its namespace is made when there is none and everybody is admin there. */
    public AdminReply add(String group, Config.Backend backend) throws IOException, CommandFailure {
        if (config.current().backends().stream().anyMatch(known -> known.id().equals(backend.id()))) {
            throw new CommandFailure(
                    CommandFailure.USAGE, "backend " + backend.id() + " exists already; see: qsfs backend list");
        }
        prepareNamespace(BackendSettings.endpoint(backend), backend.terms().capacity());
        config.edit(entries -> entries.add(group, backend));
        return AdminReply.done(Json.object().put("id", backend.id().value()).put("group", group));
    }

    /**
     * Takes a backend out.
     *
     * @param force although it holds shards, as long as every segment keeps k others
     */
    public AdminReply remove(BackendId id, boolean force) throws IOException, CommandFailure {
        required(id);
        Holdings holdings = engine.holdings(id);
        if (holdings.lastCopies() > 0) {
            throw new CommandFailure("backend " + id + " is not removed: it holds shards of " + holdings.segments()
                    + " segments, and " + holdings.lastCopies()
                    + " of these cannot be read without it. Move them first: qsfs backend drain " + id);
        }
        if (holdings.segments() + holdings.uploading() > 0 && !force) {
            throw new CommandFailure("backend " + id + " is not removed: it holds shards of " + holdings.segments()
                    + " segments, and " + holdings.uploading()
                    + " are being written to it. Move them first: qsfs backend drain " + id
                    + "; or have them made again from the others: qsfs backend remove --force " + id);
        }
        config.edit(entries -> entries.remove(id));
        return AdminReply.done(Json.object().put("id", id.value()).put("segments", holdings.segments()));
    }

    /**
     * Has a backend drained, or ends that.
     *
     * @param stop whether it gets shards again
     */
    public AdminReply drain(BackendId id, boolean stop, Progress progress) throws IOException, CommandFailure {
        required(id);
        config.edit(entries -> entries.set(id, "draining", stop ? Optional.empty() : Optional.of("true")));
        long left = stop
                ? 0
                : engine.drain(id, (done, total) -> progress.report("draining " + id, done, total, "segments"));
        ObjectNode result =
                Json.object().put("id", id.value()).put("draining", !stop).put("segments_left", left);
        return new AdminReply(result, left == 0 ? CommandFailure.DONE : CommandFailure.DEGRADED);
    }

    /** Has another, empty namespace take the place of a backend, which is filled from the others. */
    public AdminReply replace(BackendId id, Config.Backend by, Progress progress) throws IOException, CommandFailure {
        Config.Backend before = required(id);
        Holdings holdings = engine.holdings(id);
        if (holdings.lastCopies() > 0) {
            throw new CommandFailure(
                    "backend " + id + " is not replaced: " + holdings.lastCopies()
                            + " segments cannot be read without it, so its successor could not be filled from the others. Repair first (qsfs repair), or drain it");
        }
        prepareNamespace(BackendSettings.endpoint(by), before.terms().capacity());
        config.edit(entries -> {
            entries.set(id, "id", Optional.of(quoted(id.value())));
            entries.set(id, "address", Optional.of(quoted(by.address().toString())));
            entries.set(id, "namespace", Optional.of(quoted(by.namespace())));
            entries.set(id, "tls", by.tls().map(tls -> "true"));
            entries.set(
                    id,
                    "ca_file",
                    by.tls().flatMap(tls -> Optional.ofNullable(tls.caFile())).map(file -> quoted(file.toString())));
            if (by.password().isPresent()) {
                entries.set(
                        id, "password", Optional.of(quoted(by.password().get().reveal())));
            }
        });
        progress.report("filling " + id, 0, holdings.segments(), "segments");
        engine.repairAll();
        long missing = holdings.segments() - engine.holdings(id).segments();
        ObjectNode result = Json.object().put("id", id.value()).put("segments_left", Math.max(0, missing));
        return new AdminReply(result, missing <= 0 ? CommandFailure.DONE : CommandFailure.DEGRADED);
    }

    /** Copies what is alive on a backend to a fresh namespace of the same server and deletes the old one, which gives the space of deleted values back. */
    public AdminReply rotate(BackendId id, Progress progress) throws IOException, CommandFailure {
        Config.Backend before = required(id);
        String fresh = successor(before.namespace());
        ZdbEndpoint old = BackendSettings.endpoint(before);
        ZdbEndpoint next = new ZdbEndpoint(old.address(), fresh, old.password(), null, old.tls());
        prepareNamespace(next, before.terms().capacity());
        Movement copied;
        try (ZdbClient target = new ZdbClient(next, TIMEOUTS, 4)) {
            copied = engine.copyBackend(
                    id, target, (done, total) -> progress.report("copying " + id, done, total, "segments"));
        }
        config.edit(entries -> {
            entries.set(id, "id", Optional.of(quoted(id.value())));
            entries.set(id, "namespace", Optional.of(quoted(fresh)));
        });
        long damaged =
                engine.verifyBackend(id, (done, total) -> progress.report("checking " + id, done, total, "segments"));
        ObjectNode result = Json.object()
                .put("id", id.value())
                .put("namespace", fresh)
                .put("shards", copied.shards())
                .put("bytes", copied.bytes())
                .put("segments_left", damaged)
                .put("old_namespace", old.namespace())
                .put("old_namespace_deleted", damaged == 0 && deleted(old));
        return new AdminReply(result, damaged == 0 ? CommandFailure.DONE : CommandFailure.DEGRADED);
    }

    /** Moves shards so that every backend holds its part. */
    public AdminReply rebalance(long mostBytes, Progress progress) throws IOException {
        Movement moved =
                engine.rebalance(mostBytes, (done, total) -> progress.report("rebalancing", done, total, "bytes"));
        return AdminReply.done(Json.object().put("shards", moved.shards()).put("bytes", moved.bytes()));
    }

    private static boolean deleted(ZdbEndpoint old) {
        if (old.namespace().equals("default")) {
            return false;
        }
        try (ZdbClient client = new ZdbClient(old, TIMEOUTS, 1)) {
            return client.deleteNamespace();
        } catch (ZdbException notAdmin) {
            return false;
        }
    }

    /** {@code photos} becomes {@code photos-r1}, then {@code photos-r2}. */
    static String successor(String namespace) {
        Matcher rotated = ROTATED.matcher(namespace);
        return rotated.matches()
                ? rotated.group(1) + "-r" + (Integer.parseInt(rotated.group(2)) + 1)
                : namespace + "-r1";
    }

    private static void prepareNamespace(ZdbEndpoint endpoint, long capacity) throws CommandFailure {
        String password = endpoint.password();
        try (ZdbClient client = new ZdbClient(endpoint, TIMEOUTS, 1)) {
            try {
                client.info();
            } catch (ZdbException.NamespaceMissing missing) {
                client.createNamespace(new NamespaceSettings(NamespaceMode.USER, capacity, password, password == null));
            }
        } catch (ZdbException.Denied e) {
            throw new CommandFailure(
                    endpoint + ": " + e.getMessage() + "; create the namespace in user mode, or correct its password",
                    e);
        } catch (ZdbException e) {
            throw new CommandFailure(endpoint + " cannot be used: " + e.getMessage(), e);
        }
    }

    private Config.Backend required(BackendId id) throws CommandFailure {
        return config.current().backends().stream()
                .filter(backend -> backend.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new CommandFailure(
                        CommandFailure.USAGE,
                        "there is no backend " + id + "; there are "
                                + config.current().backends().stream()
                                        .map(Config.Backend::id)
                                        .toList()));
    }

    private static String quoted(String text) {
        return BackendEntries.quoted(text);
    }
}
