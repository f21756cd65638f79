package org.qsfs.metadata.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.etcd.jetcd.Response;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContextBuilder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.qsfs.metadata.CatalogException;

/**
 * A connection to a cluster: each call has a deadline, and is tried again, at another member, as long as there is time.
 *
 * <p>A member that accepts connections and says nothing costs one attempt. One that has lost its leader refuses at once,
 * since every request says that it needs one.
 *
 * <p>Thread-safe.
 */
final class EtcdSession implements AutoCloseable {

    /** gRPC tells on start-up, through java.util.logging and so on stderr, what it did not find. Kept here, or it is collected. */
    private static final Logger GRPC_LOG = Logger.getLogger("io.grpc");

    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final Duration MAX_PAUSE = Duration.ofSeconds(1);

    /** Replies of one page; etcd's requests are smaller by far. */
    private static final int MAX_REPLY_BYTES = 16 * 1024 * 1024;

    private final EtcdConfig config;
    private final Duration attempt;
    private final AtomicLong newestRevision = new AtomicLong();
    private final Object connecting = new Object();
    private volatile Client client;
    private long connectedAt;
    private volatile boolean closed;

    EtcdSession(EtcdConfig config) {
        this.config = config;
        // time for at least three members within the deadline
        this.attempt = config.deadline().dividedBy(4).compareTo(Duration.ofSeconds(3)) < 0
                ? config.deadline().dividedBy(4)
                : Duration.ofSeconds(3);
        if (GRPC_LOG.getLevel() == null) {
            GRPC_LOG.setLevel(Level.WARNING);
        }
        this.client = connect();
        this.connectedAt = System.nanoTime();
    }

    private Client connect() {
        ClientBuilder builder = Client.builder()
                .endpoints(config.endpoints().toArray(String[]::new))
                .loadBalancerPolicy("round_robin")
                .maxInboundMessageSize(MAX_REPLY_BYTES)
                .connectTimeout(attempt)
                .keepaliveTime(Duration.ofSeconds(10))
                .keepaliveTimeout(Duration.ofSeconds(3))
                .retryMaxAttempts(0)
                .waitForReady(false)
                .header("hasleader", "true")
                .interceptor(new AttemptDeadline(attempt));
        String user = config.user();
        String password = config.password();
        if (user != null && password != null) {
            builder.user(bytes(user)).password(bytes(password));
        }
        if (config.tls()) {
            builder.endpoints(config.endpoints().stream()
                    .map(e -> e.replaceFirst("^http:", "https:"))
                    .toArray(String[]::new));
            trust(builder, config.caFile());
        }
        return builder.build();
    }

    /**
     * After a deadline's worth of failures begins anew: names are resolved again, and gRPC forgets that it wanted to wait up to
     * two minutes before it tries to connect again.
     */
    private void reconnectAfter(EtcdFailure failure) {
        if (failure.kind() != EtcdFailure.Kind.UNAVAILABLE) {
            return;
        }
        synchronized (connecting) {
            if (closed || System.nanoTime() - connectedAt < config.deadline().toNanos()) {
                return;
            }
            Client old = client;
            client = connect();
            connectedAt = System.nanoTime();
            old.close(); // calls under way there fail and are repeated here
        }
    }

    private void trust(ClientBuilder builder, @Nullable Path caFile) {
        try {
            SslContextBuilder ssl = GrpcSslContexts.forClient();
            if (caFile != null) {
                ssl.trustManager(caFile.toFile());
            }
            builder.sslContext(ssl.build());
        } catch (SSLException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    config + ": cannot use the certificate authority " + caFile + ": " + e.getMessage(), e);
        }
    }

    static ByteSequence bytes(String text) {
        return ByteSequence.from(text, StandardCharsets.UTF_8);
    }

    /**
     * Calls etcd.
     *
     * @param what for messages: the action and the key
     * @param request is begun anew for each attempt, so it must do no harm when it was carried out already
     */
    <T> T call(String what, Function<Client, CompletableFuture<T>> request) {
        return call(what, deadline(), request);
    }

    /** The deadline of something that begins now, by {@link System#nanoTime}. */
    long deadline() {
        return System.nanoTime() + config.deadline().toNanos();
    }

    /** The same as one of several calls that have a deadline together. */
    <T> T call(String what, long deadline, Function<Client, CompletableFuture<T>> request) {
        for (Duration pause = PAUSE; ; pause = longer(pause)) {
            EtcdFailure failure;
            try {
                return once(request, deadline);
            } catch (ExecutionException | TimeoutException | RuntimeException e) {
                failure = EtcdFailure.of(e);
            } catch (InterruptedException e) {
                throw interrupted(what, e);
            }
            long left = deadline - System.nanoTime();
            if (!failure.passing() || left < pause.toNanos()) {
                reconnectAfter(failure);
                throw failure.toException(config + ": " + what, config.deadline());
            }
            sleep(what, pause);
        }
    }

    /** One attempt that ends after {@code limit} at the latest. */
    <T> T tryOnce(String what, Duration limit, Function<Client, CompletableFuture<T>> request) {
        try {
            return once(request, System.nanoTime() + limit.toNanos());
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            throw EtcdFailure.of(e).toException(config + ": " + what, limit);
        } catch (InterruptedException e) {
            throw interrupted(what, e);
        }
    }

    private <T> T once(Function<Client, CompletableFuture<T>> request, long deadline)
            throws ExecutionException, TimeoutException, InterruptedException {
        CompletableFuture<T> future = request.apply(client);
        boolean done = false;
        try {
            long limit = Math.min(deadline - System.nanoTime(), attempt.toNanos() + PAUSE.toNanos());
            T result = future.get(Math.max(1, limit), TimeUnit.NANOSECONDS);
            done = true;
            if (result instanceof Response answer) {
                newestRevision.accumulateAndGet(answer.getHeader().getRevision(), Math::max);
            }
            return result;
        } catch (CancellationException e) {
            throw new ExecutionException(e);
        } finally {
            if (!done) {
                future.cancel(true);
            }
        }
    }

    private static Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(MAX_PAUSE) < 0 ? twice : MAX_PAUSE;
    }

    private void sleep(String what, Duration pause) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            throw interrupted(what, e);
        }
    }

    private CatalogException interrupted(String what, InterruptedException e) {
        Thread.currentThread().interrupt();
        return new CatalogException.Unavailable(config + ": " + what + ": interrupted", e);
    }

    /** The newest revision of the cluster that any answer has told of. */
    long newestRevision() {
        return newestRevision.get();
    }

    EtcdConfig config() {
        return config;
    }

    @Override
    public void close() {
        synchronized (connecting) {
            closed = true;
            client.close();
        }
    }

    /** Ends each attempt on the wire too, so that nothing piles up at a silent member. */
    private record AttemptDeadline(Duration limit) implements ClientInterceptor {
        @Override
        public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
            return next.newCall(method, options.withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS));
        }
    }
}
