package org.qsfs.benchmarks.zdb;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What clients ask for at once.
 *
 * @param write SET of a value that was never there before; otherwise GET of a random key
 * @param valueBytes length of every value
 * @param connections clients at once
 * @param depth requests that a client sends before it waits for their replies
 */
record Load(boolean write, int valueBytes, int connections, int depth) {
    /** A slot of time ends early when it has moved so many bytes: the page cache is not what is measured. */
    private static final long MOST_BYTES = 256L << 20;

    private static final long LIMIT_SECONDS = 120;

    String label() {
        return "%s %s, %d %s%s"
                .formatted(
                        write ? "SET" : "GET",
                        valueBytes < 1024
                                ? valueBytes + " B"
                                : valueBytes < 1 << 20 ? (valueBytes >> 10) + " KiB" : (valueBytes >> 20) + " MiB",
                        connections,
                        connections == 1 ? "connection" : "connections",
                        depth == 1 ? "" : ", pipeline of " + depth);
    }

    /** Keys that are read and overwritten. */
    int keys() {
        return Math.clamp((64L << 20) / valueBytes, 64, 20_000);
    }

    /** Stores the keys of these numbers once. */
    static void fill(int port, int from, int to, int valueBytes) throws IOException {
        try (LoadClient client = new LoadClient(port)) {
            Requests requests = new Requests(true, valueBytes, 0);
            int batch = Math.max(1, Math.min(100, (1 << 20) / valueBytes));
            for (int done = from; done < to; done += batch) {
                int count = Math.min(batch, to - done);
                for (int i = 0; i < count; i++) {
                    client.send(requests.of(done + i), requests.length());
                }
                for (int i = 0; i < count; i++) {
                    client.reply();
                }
            }
        }
    }

    /** What came of a slot of time. */
    record Result(double perSecond, long requests) {}

    /** Asks for a slot of time. */
    Result run(int port, long nanos, int salt) throws IOException, InterruptedException {
        try (ExecutorService clients = Executors.newFixedThreadPool(connections)) {
            List<Callable<Result>> all = new ArrayList<>();
            for (int c = 0; c < connections; c++) {
                int seed = salt * 1000 + c;
                all.add(() -> client(port, nanos, seed));
            }
            double perSecond = 0;
            long requests = 0;
            for (Future<Result> each : clients.invokeAll(all)) {
                Result result = each.get(LIMIT_SECONDS, TimeUnit.SECONDS);
                perSecond += result.perSecond();
                requests += result.requests();
            }
            return new Result(perSecond, requests);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(label() + " failed", e);
        }
    }

    private Result client(int port, long nanos, int seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        Requests requests = new Requests(write, valueBytes, random.nextLong());
        byte[] batch = new byte[requests.length() * depth];
        long most = Math.max(depth, MOST_BYTES / valueBytes / connections);
        try (LoadClient client = new LoadClient(port)) {
            long start = System.nanoTime();
            long count = 0;
            long now = start;
            while (now - start < nanos && count < most) {
                byte[] first = requests.of(random.nextInt(keys()));
                if (depth == 1) {
                    client.send(first, first.length);
                } else {
                    System.arraycopy(first, 0, batch, 0, first.length);
                    for (int i = 1; i < depth; i++) {
                        System.arraycopy(requests.of(random.nextInt(keys())), 0, batch, i * first.length, first.length);
                    }
                    client.send(batch, batch.length);
                }
                for (int i = 0; i < depth; i++) {
                    int length = client.reply();
                    if (!write && length != valueBytes) {
                        throw new IOException("a value of %d bytes instead of %d".formatted(length, valueBytes));
                    }
                }
                count += depth;
                now = System.nanoTime();
            }
            return new Result(count * 1e9 / (now - start), count);
        }
    }

    /** One request, changed in place from key to key. */
    private static final class Requests {
        private final byte[] request;
        private final int keyAt;
        private final int valueAt;
        private long serial;

        Requests(boolean write, int valueBytes, long salt) {
            String key = "key:%010d".formatted(0);
            String head = "*%d\r\n$3\r\n%s\r\n$%d\r\n".formatted(write ? 3 : 2, write ? "SET" : "GET", key.length());
            String between = write ? "\r\n$%d\r\n".formatted(valueBytes) : "\r\n";
            keyAt = head.length();
            valueAt = write ? keyAt + key.length() + between.length() : -1;
            byte[] start = (head + key + between).getBytes(StandardCharsets.US_ASCII);
            request = new byte[start.length + (write ? valueBytes + 2 : 0)];
            System.arraycopy(start, 0, request, 0, start.length);
            if (write) {
                // like encrypted shards
                SplittableRandom random = new SplittableRandom(salt);
                for (int i = 0; i < valueBytes; i++) {
                    request[valueAt + i] = (byte) random.nextInt(256);
                }
                request[request.length - 2] = '\r';
                request[request.length - 1] = '\n';
            }
            serial = salt;
        }

        int length() {
            return request.length;
        }

        byte[] of(int key) {
            int rest = key;
            for (int i = 13; i >= 4; i--) {
                request[keyAt + i] = (byte) ('0' + rest % 10);
                rest /= 10;
            }
            if (valueAt >= 0) {
                serial++;
                for (int i = 0; i < 8; i++) {
                    request[valueAt + i] = (byte) (serial >>> (8 * i));
                }
            }
            return request;
        }
    }
}
