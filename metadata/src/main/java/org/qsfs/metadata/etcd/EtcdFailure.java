package org.qsfs.metadata.etcd;

import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.qsfs.metadata.CatalogException;

/**
 * What the error of a call means.
 *
 * @param passing whether another attempt may succeed
 */
record EtcdFailure(Kind kind, boolean passing, String text, Throwable cause) {

    enum Kind {
        UNAVAILABLE,
        DENIED,
        FULL,
        FAILED
    }

    static EtcdFailure of(Throwable error) {
        Status status = innermostStatus(error);
        if (find(error, SSLException.class) != null) {
            return new EtcdFailure(Kind.DENIED, true, "TLS: " + innermost(error).getMessage(), error);
        }
        if (status == null) {
            boolean late = find(error, TimeoutException.class) != null;
            return new EtcdFailure(
                    late ? Kind.UNAVAILABLE : Kind.FAILED, late, late ? "no answer" : error.toString(), error);
        }
        String text = status.getDescription() == null ? status.getCode().toString() : status.getDescription();
        return switch (status.getCode()) {
            case UNAVAILABLE, DEADLINE_EXCEEDED, ABORTED, CANCELLED ->
                new EtcdFailure(Kind.UNAVAILABLE, true, text, error);
            case RESOURCE_EXHAUSTED ->
                text.contains("space exceeded")
                        ? new EtcdFailure(Kind.FULL, false, text, error)
                        : new EtcdFailure(Kind.UNAVAILABLE, true, text, error);
            // a token that has expired: jetcd fetches a new one for the next attempt
            case UNAUTHENTICATED -> new EtcdFailure(Kind.DENIED, text.contains("invalid auth token"), text, error);
            case PERMISSION_DENIED -> new EtcdFailure(Kind.DENIED, false, text, error);
            default -> unclear(status.getCode(), text, error);
        };
    }

    /** gRPC calls a connection that broke UNKNOWN ("channel closed"), and so does etcd a request that it gave up. */
    private static EtcdFailure unclear(Status.Code code, String text, Throwable error) {
        if (text.contains("authentication") || text.contains("auth ") || text.contains("user name")) {
            return new EtcdFailure(Kind.DENIED, text.contains("revision in header is old"), text, error);
        }
        return code == Status.Code.UNKNOWN || code == Status.Code.INTERNAL
                ? new EtcdFailure(Kind.UNAVAILABLE, true, text, error)
                : new EtcdFailure(Kind.FAILED, false, text, error);
    }

    CatalogException toException(String where, Duration limit) {
        return switch (kind) {
            case UNAVAILABLE ->
                new CatalogException.Unavailable(
                        where + ": no answer within " + limit.toMillis() + " ms (" + text
                                + "); is a majority of the members running and reachable?",
                        cause);
            case DENIED ->
                new CatalogException.Denied(
                        where + ": refused: " + text + "; check user, password and certificate authority", cause);
            case FULL ->
                new CatalogException.Full(
                        where + ": " + text
                                + "; compact and defragment etcd, raise --quota-backend-bytes, then etcdctl alarm disarm",
                        cause);
            case FAILED -> new CatalogException.Failed(where + ": " + text, cause);
        };
    }

    private static @Nullable Status innermostStatus(Throwable error) {
        Status found = null;
        for (Throwable t = error; t != null; t = t.getCause()) {
            if (t instanceof StatusRuntimeException e) {
                found = e.getStatus();
            } else if (t instanceof StatusException e) {
                found = e.getStatus();
            }
        }
        return found;
    }

    private static <T extends Throwable> @Nullable T find(Throwable error, Class<T> type) {
        for (Throwable t = error; t != null; t = t.getCause()) {
            if (type.isInstance(t)) {
                return type.cast(t);
            }
        }
        return null;
    }

    private static Throwable innermost(Throwable error) {
        Throwable t = error;
        for (Throwable cause = t.getCause(); cause != null; cause = t.getCause()) {
            t = cause;
        }
        return t;
    }
}
