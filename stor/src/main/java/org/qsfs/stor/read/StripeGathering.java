package org.qsfs.stor.read;

import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.qsfs.stor.backend.Backend;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.backend.BackendState;
import org.qsfs.stor.segment.BackendFailure;
import org.qsfs.stor.segment.ShardKeys;
import org.qsfs.stor.segment.ShardPlace;
import org.qsfs.stor.segment.ShardState;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.stripe.ShardCheck;
import org.qsfs.stor.stripe.ShardHeader;
import org.qsfs.stor.stripe.ShardName;
import org.qsfs.stor.stripe.StripeCodec;
import org.qsfs.zdb.client.ZdbException;

/**
 * One try to get k shards of one stripe that pass an inspection.
 *
 * <p>It asks the k backends that are likely to be quickest, for data shards rather than parity where it is about the same. Those that somebody waits for are asked for first and alone. A shard
 * that fails, is missing or rotten is replaced at once by the next one. A request without an answer is joined by another one when it takes much longer than usual, if the budget of hedges
 * allows; and in any case when patience ends, and then its backend is avoided from now on. When all were asked, requests that failed are sent once more. After the deadline, or when nobody is
 * left to ask, it gives up.
 *
 * <p>Shards are shown to {@link Arrivals} as soon as they passed, by the thread that fetched them.
 *
 * <p>For one thread; requests run on threads of their own, which are interrupted at the end.
 */
final class StripeGathering {
    /** A request is late when it takes so many times longer than its backend usually needs. */
    private static final int LATE_FACTOR = 3;
    /** Backends that need at most so many times longer than the quickest one are as good, and so are those that need so much longer. */
    private static final int ABOUT_AS_QUICK = 2;

    private static final long NOT_MUCH_NANOS = Duration.ofMillis(1).toNanos();
    /** Ranks of shards that the record calls present; others come behind. */
    private static final int RANKS = 3;

    private final StripeCodec codec;
    private final int stripe;
    private final BackendPool pool;
    private final ReadSettings settings;
    private final HedgeBudget hedges;
    private final DamageReports damages;
    private final ReadCounters counters;
    private final Inspection inspection;
    private final Arrivals arrivals;

    private final byte[] @Nullable [] values;
    private final int needed;
    private int good;
    /** So many shards are asked for before the others, so that these do not take bandwidth from them; 0 when one of them failed or is late. */
    private int alone;

    private @Nullable ShardHeader header;

    private final Deque<Source> waiting = new ArrayDeque<>();
    private final Deque<Source> again = new ArrayDeque<>();
    private final Map<Integer, Request> underWay = new HashMap<>();
    private final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
    private final List<BackendFailure> failures = new ArrayList<>();
    private boolean hedged;

    /** Decides whether a value is that shard of that stripe. Called by several threads at once. */
    interface Inspection {
        ShardCheck of(int stripe, int shard, byte[] value);
    }

    private record Source(int shard, Backend backend, ShardKeys keys, int rank) {}

    private static final class Request {
        final Source source;
        final Thread thread;
        final long start;
        final long lateAfter;
        boolean givenUp;

        Request(Source source, Thread thread, long start, long lateAfter) {
            this.source = source;
            this.thread = thread;
            this.start = start;
            this.lateAfter = lateAfter;
        }
    }

    private sealed interface Answer {
        Source source();

        @SuppressWarnings("ArrayRecordComponent") // passed on once
        record Good(Source source, byte[] value, ShardHeader header) implements Answer {}

        record Damaged(Source source, String reason) implements Answer {}

        record Failed(Source source, String reason) implements Answer {}
    }

    StripeGathering(
            StripeCodec codec,
            int stripe,
            List<ShardPlace> places,
            BackendPool pool,
            ReadSettings settings,
            HedgeBudget hedges,
            DamageReports damages,
            ReadCounters counters,
            Inspection inspection,
            Arrivals arrivals,
            BitSet first) {
        this.codec = codec;
        this.stripe = stripe;
        this.pool = pool;
        this.settings = settings;
        this.hedges = hedges;
        this.damages = damages;
        this.counters = counters;
        this.inspection = inspection;
        this.arrivals = arrivals;
        this.needed = codec.attempt().policy().minimalShards();
        this.values = new byte[codec.attempt().policy().expectedShards()][];
        addSources(places, first);
    }

    /** Quickest first; backends in doubt behind those that are well, shards that the record does not call present last. */
    private void addSources(List<ShardPlace> places, BitSet first) {
        List<Source> sources = new ArrayList<>();
        for (int shard = 0; shard < places.size(); shard++) {
            ShardPlace place = places.get(shard);
            Optional<Backend> backend = pool.find(place.backend());
            if (backend.isEmpty()) {
                failures.add(new BackendFailure(place.backend(), "it is not configured"));
            } else if (!backend.get().identified()) {
                failures.add(new BackendFailure(place.backend(), backend.get().detail()));
            } else {
                sources.add(new Source(
                        shard,
                        backend.get(),
                        place.keys(),
                        rank(place.state(), backend.get().state())));
            }
        }
        Map<Source, Long> expected = new HashMap<>();
        sources.forEach(source -> expected.put(source, source.backend().expectedReadNanos()));
        long quickest =
                expected.values().stream().mapToLong(nanos -> nanos).min().orElse(0);
        sources.sort(Comparator.comparingInt(Source::rank)
                .thenComparingLong(source -> slowness(expected.getOrDefault(source, 0L), quickest))
                .thenComparing(source -> !first.get(source.shard()))
                .thenComparingInt(Source::shard));
        waiting.addAll(sources);
        int leading = first.cardinality();
        if (leading < needed && sources.stream().limit(leading).allMatch(source -> first.get(source.shard()))) {
            alone = leading;
        }
    }

    /** The same for all that are about as quick, since data shards, which come first then, are worth more than parity: they need no decoding, and parts of them can be read alone. */
    private static long slowness(long nanos, long quickest) {
        return nanos <= ABOUT_AS_QUICK * quickest || nanos <= quickest + NOT_MUCH_NANOS ? 0 : nanos;
    }

    private static int rank(ShardState shard, BackendState backend) {
        int byBackend = switch (backend) {
            case HEALTHY, FULL -> 0;
            case SUSPECT -> 1;
            case DOWN -> 2;
        };
        return shard == ShardState.PRESENT ? byBackend : RANKS + byBackend;
    }

    Shards run() throws StorException, InterruptedIOException {
        long start = System.nanoTime();
        long deadline = start + settings.deadline().toNanos();
        try {
            while (good < needed) {
                askUpTo((good < alone ? alone : needed) - good);
                if (underWay.isEmpty()) {
                    throw unreadable(start);
                }
                long now = System.nanoTime();
                if (now >= deadline) {
                    underWay.values().forEach(request -> fail(request.source, "no answer within the deadline"));
                    throw unreadable(start);
                }
                Answer answer = answers.poll(nextEvent(now, deadline) - now, TimeUnit.NANOSECONDS);
                if (answer == null) {
                    joinLateOnes();
                } else {
                    take(answer);
                }
            }
            ShardHeader found = header;
            if (found == null) {
                throw unreadable(start);
            }
            return new Shards(found, values);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("reading stripe " + stripe + " of segment "
                    + codec.attempt().segment() + " was interrupted");
        } finally {
            underWay.values().forEach(request -> request.thread.interrupt());
        }
    }

    /** Keeps as many requests under way, not counting those given up, as shards are needed. */
    private void askUpTo(int wanted) {
        long live =
                underWay.values().stream().filter(request -> !request.givenUp).count();
        while (live < wanted && ask()) {
            live++;
        }
    }

    private boolean ask() {
        Source source = waiting.poll();
        if (source == null) {
            source = again.poll();
        }
        if (source == null) {
            return false;
        }
        Source asked = source;
        if (underWay.size() + good >= needed || !failures.isEmpty()) {
            counters.replacements.increment();
        }
        long usual = asked.backend().status().latency().toNanos();
        long late = Math.max(settings.shortestHedge().toNanos(), LATE_FACTOR * usual);
        Thread thread = Thread.ofVirtual().unstarted(() -> answers.add(fetch(asked)));
        underWay.put(asked.shard(), new Request(asked, thread, System.nanoTime(), late));
        thread.start();
        return true;
    }

    private Answer fetch(Source source) {
        ShardName name = new ShardName(codec.attempt().volume(), codec.attempt().id(), stripe, source.shard());
        try {
            Optional<byte[]> value = source.backend().read(name, source.keys());
            if (value.isEmpty()) {
                return new Answer.Damaged(source, "shard " + source.shard() + " is missing");
            }
            return switch (inspection.of(stripe, source.shard(), value.get())) {
                case ShardCheck.Good(ShardHeader found) -> {
                    arrivals.arrived(codec, found, value.get());
                    yield new Answer.Good(source, value.get(), found);
                }
                case ShardCheck.Bad(String reason) -> new Answer.Damaged(source, reason);
            };
        } catch (ZdbException.Unreadable rotten) {
            return new Answer.Damaged(source, String.valueOf(rotten.getMessage()));
        } catch (ZdbException failed) {
            return new Answer.Failed(source, String.valueOf(failed.getMessage()));
        }
    }

    private void take(Answer answer) {
        underWay.remove(answer.source().shard());
        switch (answer) {
            case Answer.Good(Source source, byte[] value, ShardHeader found) -> {
                values[source.shard()] = value;
                header = found;
                good++;
                counters.shardBytes.add(value.length);
            }
            case Answer.Damaged(Source source, String reason) -> {
                fail(source, reason);
                if (source.rank() < RANKS) {
                    counters.damagedShards.increment();
                    damages.add(codec.attempt().segment(), source.shard());
                }
            }
            case Answer.Failed(Source source, String reason) -> {
                boolean first = failures.stream()
                        .noneMatch(failure ->
                                failure.backend().equals(source.backend().id()));
                fail(source, reason);
                if (first) {
                    again.add(source);
                }
            }
        }
    }

    private void joinLateOnes() {
        long now = System.nanoTime();
        for (Request request : List.copyOf(underWay.values())) {
            Duration waited = Duration.ofNanos(now - request.start);
            if (!request.givenUp && waited.compareTo(settings.patience()) >= 0) {
                request.givenUp = true;
                request.source.backend().overdue(waited);
                fail(request.source, "no answer for " + waited.toMillis() + " ms");
            } else if (!hedged && now - request.start >= request.lateAfter) {
                hedged = true;
                alone = 0;
                if (!waiting.isEmpty() && hedges.spend() && ask()) {
                    counters.hedges.increment();
                }
            }
        }
    }

    private long nextEvent(long now, long deadline) {
        long next = deadline;
        for (Request request : underWay.values()) {
            if (!request.givenUp) {
                next = Math.min(next, request.start + settings.patience().toNanos());
                if (!hedged) {
                    next = Math.min(next, request.start + request.lateAfter);
                }
            }
        }
        return Math.max(next, now);
    }

    private void fail(Source source, String reason) {
        alone = 0;
        failures.add(new BackendFailure(source.backend().id(), reason));
    }

    private StorException.Unreadable unreadable(long start) {
        return new StorException.Unreadable(
                "stripe " + stripe + " of segment " + codec.attempt().segment() + " cannot be read, after "
                        + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start) + " ms",
                good,
                needed,
                failures);
    }
}
