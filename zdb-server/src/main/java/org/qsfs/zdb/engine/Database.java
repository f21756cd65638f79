package org.qsfs.zdb.engine;

import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.file.FileLayer;
import org.qsfs.zdb.format.NamespaceSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All namespaces below a data and an index directory. Opening locks both directories against a second instance and loads every
 * namespace; {@code default} always exists.
 */
public final class Database implements Closeable {
    public static final String DEFAULT_NAMESPACE = "default";
    public static final int LONGEST_NAME = 128;

    private static final Logger LOG = LoggerFactory.getLogger(Database.class);
    private static final long ROTATE_CHECK_MILLIS = 200;

    private final DatabaseConfig config;
    private final DatabaseListener listener;
    private final Statistics statistics = new Statistics();
    private final Map<String, Namespace> namespaces = new ConcurrentHashMap<>();
    /** Names in the order in which they are listed. */
    private final List<String> order = new CopyOnWriteArrayList<>();

    private final List<DirectoryLock> locks = new ArrayList<>();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("zdb-clock").factory());

    private Database(DatabaseConfig config, DatabaseListener listener) {
        this.config = config;
        this.listener = listener;
    }

    /**
     * Opens the directories, creating what is missing.
     *
     * @throws IOException when another instance has them, or files cannot be read
     */
    public static Database open(DatabaseConfig config, DatabaseListener listener) throws IOException {
        Database database = new Database(config, listener);
        try {
            database.start();
            return database;
        } catch (IOException | RuntimeException e) {
            database.release();
            throw e;
        }
    }

    private void start() throws IOException {
        FileLayer files = config.files();
        files.createDirectories(config.indexRoot());
        files.createDirectories(config.dataRoot());
        locks.add(DirectoryLock.take(config.indexRoot()));
        locks.add(DirectoryLock.take(config.dataRoot()));
        load(DEFAULT_NAMESPACE);
        for (String name : files.list(config.indexRoot())) {
            if (!name.equals(DEFAULT_NAMESPACE)
                    && Files.isDirectory(config.indexRoot().resolve(name))) {
                load(name);
            }
        }
        if (config.rotateSeconds() > 0) {
            Future<?> _ = clock.scheduleWithFixedDelay(
                    () -> forEach("rotate", n -> n.rotate(config.rotateSeconds())),
                    ROTATE_CHECK_MILLIS,
                    ROTATE_CHECK_MILLIS,
                    TimeUnit.MILLISECONDS);
        }
        if (config.syncMode() == SyncMode.INTERVAL) {
            long nanos = config.syncInterval().toNanos();
            Future<?> _ = clock.scheduleWithFixedDelay(
                    () -> forEach("sync", Namespace::sync), nanos, nanos, TimeUnit.NANOSECONDS);
        }
    }

    private void load(String name) throws IOException {
        Path directory = config.indexRoot().resolve(name);
        NamespaceSettings settings;
        if (config.files().exists(directory.resolve(NamespaceSettings.FILE_NAME))) {
            settings = NamespaceSettings.read(config.files(), directory);
        } else {
            settings = NamespaceSettings.fresh(name);
            config.files().createDirectories(directory);
            settings.write(config.files(), directory);
        }
        if (name.equals(DEFAULT_NAMESPACE) && config.defaultMaxSize() > 0) {
            settings = new NamespaceSettings(
                    settings.name(),
                    settings.password(),
                    config.defaultMaxSize(),
                    settings.isPublic(),
                    settings.worm());
        }
        namespaces.put(
                name, new Namespace(name, config, new StoreLoader(config, statistics, name), listener, settings));
        order.add(name);
    }

    private interface Step {
        void run(Namespace namespace) throws IOException;
    }

    private void forEach(String what, Step step) {
        for (Namespace namespace : namespaces.values()) {
            try {
                step.run(namespace);
            } catch (IOException | RuntimeException e) {
                LOG.warn("{} of namespace {} failed: {}", what, namespace.name(), e.toString());
            }
        }
    }

    public DatabaseConfig config() {
        return config;
    }

    public Statistics statistics() {
        return statistics;
    }

    public @Nullable Namespace namespace(String name) {
        return namespaces.get(name);
    }

    public Namespace defaultNamespace() {
        Namespace namespace = namespaces.get(DEFAULT_NAMESPACE);
        if (namespace == null) {
            throw new IllegalStateException("the default namespace is not loaded");
        }
        return namespace;
    }

    /** Names, {@code default} first. */
    public List<String> names() {
        return List.copyOf(order);
    }

    /** Whether a namespace may be called so: 1 to 128 bytes, no path, not the default one. */
    public static boolean isLegalName(String name) {
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        return bytes > 0
                && bytes <= LONGEST_NAME
                && !name.equals(".")
                && !name.equals("..")
                && !name.equals(DEFAULT_NAMESPACE)
                && name.indexOf('/') < 0
                && name.indexOf('\0') < 0;
    }

    /** Creates a namespace with a legal name; false when there is one. */
    public boolean create(String name) throws IOException {
        synchronized (order) {
            if (namespaces.containsKey(name)) {
                return false;
            }
            load(name);
        }
        listener.created(name);
        return true;
    }

    /** Deletes a namespace and its files. */
    public void delete(Namespace namespace) throws IOException {
        synchronized (order) {
            namespaces.remove(namespace.name());
            order.remove(namespace.name());
            namespace.remove();
            // settings and index files first: without them nothing is loaded at the next start
            removeDirectory(namespace.indexDirectory());
            removeDirectory(namespace.dataDirectory());
        }
        listener.deleted(namespace.name());
    }

    private void removeDirectory(Path directory) throws IOException {
        for (String name : config.files().list(directory)) {
            config.files().delete(directory.resolve(name));
        }
        config.files().delete(directory);
        Path parent = directory.getParent();
        if (parent != null) {
            config.files().syncDirectory(parent);
        }
    }

    /** Makes everything durable and closes all files. */
    @Override
    public void close() throws IOException {
        clock.shutdownNow();
        IOException failed = null;
        for (Namespace namespace : namespaces.values()) {
            try {
                namespace.close();
                listener.closing(namespace, namespace.dirty());
            } catch (IOException e) {
                failed = e;
            }
        }
        release();
        if (failed != null) {
            throw failed;
        }
    }

    private void release() throws IOException {
        clock.shutdownNow();
        for (DirectoryLock lock : locks) {
            lock.close();
        }
    }
}
