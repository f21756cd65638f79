package org.qsfs.zdb.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.qsfs.zdb.engine.Database;
import org.qsfs.zdb.engine.Namespace;
import org.qsfs.zdb.engine.Namespace.Access;
import org.qsfs.zdb.format.IndexFormat.Mode;
import org.qsfs.zdb.format.NamespaceSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The commands that create, delete, describe and change namespaces (ZDB.md §5). */
final class NamespaceCommands {
    private static final Logger LOG = LoggerFactory.getLogger(NamespaceCommands.class);
    private static final int LONGEST_PROPERTY = 256;
    private static final int LONGEST_VALUE = 63;

    private final Database database;
    private final AccessCommands access;
    private final Hooks hooks;

    NamespaceCommands(Database database, AccessCommands access, Hooks hooks) {
        this.database = database;
        this.access = access;
        this.hooks = hooks;
    }

    void addTo(Map<String, Handler> table) {
        table.put("NSLIST", this::nslist);
        table.put("NSINFO", this::nsinfo);
        table.put("NSNEW", this::nsnew);
        table.put("NSDEL", this::nsdel);
        table.put("NSSET", this::nsset);
        table.put("NSJUMP", this::nsjump);
        table.put("RELOAD", this::reload);
        table.put("FLUSH", this::flush);
        table.put("NSCOMPACT", this::nscompact);
    }

    static String name(Request request, int argument) {
        return new String(request.bytes(argument), StandardCharsets.UTF_8);
    }

    private void nslist(Call call) throws IOException {
        List<String> names = database.names();
        call.reply().array(names.size());
        for (String name : names) {
            call.reply().bulk(name.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Whether the name is short enough; if not, the reply says so. */
    private static boolean isShort(Call call) throws IOException {
        if (call.request().length(1) > Database.LONGEST_NAME) {
            call.error("Namespace too long");
            return false;
        }
        return true;
    }

    private void nsinfo(Call call) throws IOException {
        if (!call.has(2) || !isShort(call)) {
            return;
        }
        Namespace namespace = database.namespace(name(call.request(), 1));
        if (namespace == null) {
            call.error("Namespace not found");
            return;
        }
        boolean hasPassword = access.passwordOf(namespace).length > 0;
        call.reply()
                .bulk(NamespaceReport.of(namespace, hasPassword, call.session().admin())
                        .getBytes(StandardCharsets.UTF_8));
    }

    private void nsnew(Call call) throws IOException {
        if (!call.isAdmin() || !call.has(2) || !isShort(call)) {
            return;
        }
        String name = name(call.request(), 1);
        if (!isAllowed(name)) {
            call.error("This name is not allowed");
            return;
        }
        try {
            if (database.create(name)) {
                call.reply().ok();
            } else {
                call.error("This namespace is not available");
            }
        } catch (IOException e) {
            LOG.warn("NSNEW {} failed: {}", name, e.toString());
            call.error("Could not create namespace");
        }
    }

    /** Control characters would forge lines of NSINFO; bytes that are no UTF-8 have no file name here. */
    private static boolean isAllowed(String name) {
        return Database.isLegalName(name) && name.chars().noneMatch(c -> Character.isISOControl(c) || c == '\ufffd');
    }

    private void nsdel(Call call) throws IOException {
        if (!call.isAdmin() || !call.has(2) || !isShort(call)) {
            return;
        }
        String name = name(call.request(), 1);
        Namespace namespace = database.namespace(name);
        if (name.equals(Database.DEFAULT_NAMESPACE)) {
            call.error("Cannot remove default namespace");
        } else if (namespace == null) {
            call.error("This namespace doesn't exists");
        } else if (namespace.name().equals(call.namespace().name())) {
            call.error("Cannot remove namespace you're currently using.");
        } else {
            try {
                database.delete(namespace);
                call.reply().ok();
            } catch (IOException e) {
                LOG.warn("NSDEL {} failed: {}", name, e.toString());
                call.error("Could not delete this namespace");
            }
        }
    }

    private void nsset(Call call) throws IOException {
        if (!call.isAdmin() || !call.has(4) || !isShort(call)) {
            return;
        }
        Request request = call.request();
        if (request.length(2) > LONGEST_PROPERTY || request.length(3) > LONGEST_VALUE) {
            call.error("Argument too long");
            return;
        }
        Namespace namespace = database.namespace(name(request, 1));
        if (namespace == null) {
            call.error("Namespace not found");
            return;
        }
        String property = request.text(2);
        switch (property) {
            case "mode" -> setMode(call, namespace);
            case "lock" -> setAccess(call, namespace, Access.LOCKED);
            case "freeze" -> setAccess(call, namespace, Access.FROZEN);
            default -> setKept(call, namespace, property);
        }
    }

    private void setAccess(Call call, Namespace namespace, Access wanted) throws IOException {
        namespace.access(isOn(call.request()) ? wanted : Access.OPEN);
        hooks.queue("namespace-updated", namespace.name());
        call.reply().ok();
    }

    private static boolean isOn(Request request) {
        return request.text(3).startsWith("1");
    }

    private void setMode(Call call, Namespace namespace) throws IOException {
        if (database.config().mode() != null) {
            call.error("This server instance is configured to use a single runtime mode");
            return;
        }
        String value = call.request().text(3);
        if (!value.equals("user") && !value.equals("seq")) {
            call.error("Invalid property value (expected: user, seq)");
        } else if (namespace.mode(value.equals("seq") ? Mode.SEQUENTIAL : Mode.USER)) {
            call.reply().ok();
        } else {
            call.error("Cannot change mode of used namespace");
        }
    }

    /** The properties that survive a restart; the default namespace has none of them. */
    private void setKept(Call call, Namespace namespace, String property) throws IOException {
        if (namespace.name().equals(Database.DEFAULT_NAMESPACE)) {
            call.error("Cannot update default namespace");
            return;
        }
        Request request = call.request();
        NamespaceSettings s = namespace.settings();
        boolean on = isOn(request);
        NamespaceSettings changed = switch (property) {
            case "maxsize" ->
                new NamespaceSettings(s.name(), s.password(), Math.max(0, request.number(3)), s.isPublic(), s.worm());
            case "password" ->
                new NamespaceSettings(
                        s.name(),
                        request.text(3).equals("*") ? new byte[0] : request.bytes(3),
                        s.maxSize(),
                        s.isPublic(),
                        s.worm());
            case "public" -> new NamespaceSettings(s.name(), s.password(), s.maxSize(), on, s.worm());
            case "worm" -> new NamespaceSettings(s.name(), s.password(), s.maxSize(), s.isPublic(), on);
            default -> null;
        };
        if (changed == null) {
            call.error("Invalid property");
            return;
        }
        namespace.settings(changed);
        hooks.queue("namespace-updated", namespace.name());
        call.reply().ok();
    }

    private void nsjump(Call call) throws IOException {
        if (call.isAdmin()) {
            call.namespace().jump();
            call.reply().ok();
        }
    }

    private void reload(Call call) throws IOException {
        if (!call.isAdmin() || !call.has(2) || !isShort(call)) {
            return;
        }
        Namespace namespace = database.namespace(name(call.request(), 1));
        if (namespace == null) {
            call.error("Namespace not found");
            return;
        }
        namespace.reload();
        call.reply().ok();
    }

    /** Ours: frees the bytes of dead values while serving; answers how many. */
    private void nscompact(Call call) throws IOException {
        if (!call.isAdmin() || !call.has(2) || !isShort(call)) {
            return;
        }
        Namespace namespace = database.namespace(name(call.request(), 1));
        if (namespace == null) {
            call.error("Namespace not found");
            return;
        }
        try {
            call.reply().integer(namespace.compact());
        } catch (IllegalStateException e) {
            call.error(String.valueOf(e.getMessage()));
        }
    }

    private void flush(Call call) throws IOException {
        Namespace namespace = call.namespace();
        if (namespace.settings().isPublic() || access.passwordOf(namespace).length == 0) {
            call.error("Flushing public namespace denied");
        } else if (!call.session().writable()) {
            call.error("Namespace is in read-only mode");
        } else if (namespace.access() == Access.FROZEN) {
            call.error("Namespace is temporarily frozen (read-write disabled)");
        } else if (namespace.access() == Access.LOCKED) {
            call.error("Namespace is temporarily locked (read-only)");
        } else if (namespace.settings().worm()) {
            call.error("Namespace is protected by worm mode");
        } else {
            namespace.flush();
            call.reply().ok();
        }
    }
}
