package org.qsfs.metadata.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.CatalogEntry;
import org.qsfs.metadata.CatalogTransaction;
import org.qsfs.metadata.LeaseRequest;

/** Another process that uses a local catalog, and the handle by which a test holds it. */
final class LocalCatalogChild implements AutoCloseable {

    private final Process process;
    private final BufferedReader output;

    private LocalCatalogChild(Process process) {
        this.process = process;
        this.output = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    }

    static LocalCatalogChild start(Path directory, String... job) throws IOException {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath,
                LocalCatalogChild.class.getName(),
                directory.toString());
        builder.command().addAll(java.util.List.of(job));
        return new LocalCatalogChild(
                builder.redirectError(ProcessBuilder.Redirect.INHERIT).start());
    }

    /** The next line the child prints, null at its end. */
    String line() throws IOException {
        return output.readLine();
    }

    int exit() throws InterruptedException {
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException("child " + process.pid() + " did not end");
        }
        return process.exitValue();
    }

    /** SIGKILL. What it printed can still be read. */
    void kill() throws InterruptedException {
        process.toHandle().destroyForcibly();
        exit();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    public static void main(String[] arguments) throws IOException {
        try (Catalog catalog = LocalCatalog.open(Path.of(arguments[0]))) {
            switch (arguments[1]) {
                case "count" -> count(catalog, Integer.parseInt(arguments[2]));
                case "hold" -> {
                    catalog.acquire(LeaseRequest.fresh(arguments[2]));
                    System.out.println("held");
                    System.in.read();
                }
                case "write" -> {
                    for (int i = 0; ; i++) {
                        catalog.commit(CatalogTransaction.begin()
                                .put("a", Integer.toString(i).getBytes(UTF_8))
                                .put("b", new byte[i % 5000])
                                .build());
                        System.out.println(i);
                    }
                }
                default -> throw new IllegalArgumentException(arguments[1]);
            }
        }
    }

    /** Increments a number so many times; nobody else's increment may get lost. */
    static void count(Catalog catalog, int times) {
        int done = 0;
        while (done < times) {
            CatalogEntry now = catalog.get("counter").orElseThrow();
            int next = Integer.parseInt(new String(now.value(), UTF_8)) + 1;
            if (catalog.commit(CatalogTransaction.begin()
                            .ifRevision("counter", now.revision())
                            .put("counter", Integer.toString(next).getBytes(UTF_8))
                            .build())
                    .isPresent()) {
                done++;
            }
        }
    }
}
