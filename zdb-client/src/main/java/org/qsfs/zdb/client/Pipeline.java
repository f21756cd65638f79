package org.qsfs.zdb.client;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Sends several requests of one command before reading their replies, window by window.
 *
 * <p>While a window is being sent nobody reads replies, so its replies must fit into the sockets' buffers. So must its requests,
 * except a large one alone: a 0-db that has stalled (see {@link Wire#receive(int)}) can only be nudged while its receive
 * buffer has room.
 *
 * @param request the arguments of an item
 * @param parse the result of an item; throws {@link ZdbException} for a refusal
 */
record Pipeline<I, O>(Command command, Function<I, byte[][]> request, BiFunction<I, Reply, O> parse) {

    /** The replies to 64 SETs are under 20 KB. */
    private static final int WINDOW = 64;

    private static final int WINDOW_BYTES = 64 * 1024;

    /** @throws ZdbException the first of the refusals, after all replies of its window were read */
    List<O> run(Wire wire, List<I> items) {
        List<O> results = new ArrayList<>(items.size());
        int next = 0;
        while (next < items.size()) {
            int from = next;
            long bytes = 0;
            while (next < items.size() && next - from < WINDOW) {
                byte[][] arguments = request.apply(items.get(next));
                long size = size(arguments);
                if (next > from && bytes + size > WINDOW_BYTES) {
                    break;
                }
                wire.send(command, arguments);
                bytes += size;
                next++;
            }
            receive(wire, items.subList(from, next), results);
        }
        return results;
    }

    private static long size(byte[][] arguments) {
        long size = 20;
        for (byte[] argument : arguments) {
            size += 12L + argument.length;
        }
        return size;
    }

    private void receive(Wire wire, List<I> window, List<O> results) {
        Iterator<Reply> replies = wire.receive(window.size()).iterator();
        for (I item : window) {
            results.add(parse.apply(item, replies.next()));
        }
    }
}
