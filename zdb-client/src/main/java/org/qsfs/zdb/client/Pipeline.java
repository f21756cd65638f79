package org.qsfs.zdb.client;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Sends several requests before reading their replies. In windows: while requests are being sent nobody reads replies, so
 * the replies to a window of SETs, or the requests of a window of GETs, must fit into the sockets' buffers.
 */
final class Pipeline {

    /** 64 GETs are under 20 KB, the replies to 64 SETs likewise. */
    private static final int WINDOW = 64;

    private Pipeline() {}

    /** @throws ZdbException the first of the refusals, after all replies were read */
    static <I, O> List<O> run(Wire wire, List<I> items, BiConsumer<Wire, I> send, BiFunction<I, Reply, O> parse) {
        List<O> results = new ArrayList<>(items.size());
        for (int from = 0; from < items.size(); from += WINDOW) {
            List<I> window = items.subList(from, Math.min(from + WINDOW, items.size()));
            window.forEach(item -> send.accept(wire, item));
            AtomicReference<@Nullable ZdbException> failure = new AtomicReference<>();
            wire.receiveTogether(() -> {
                for (I item : window) {
                    Reply reply = wire.receive();
                    if (failure.get() == null) {
                        failure.set(collect(item, reply, parse, results));
                    }
                }
            });
            ZdbException first = failure.get();
            if (first != null) {
                throw first;
            }
        }
        return results;
    }

    private static <I, O> @Nullable ZdbException collect(
            I item, Reply reply, BiFunction<I, Reply, O> parse, List<O> results) {
        try {
            results.add(parse.apply(item, reply));
            return null;
        } catch (ZdbException e) {
            return e;
        }
    }
}
