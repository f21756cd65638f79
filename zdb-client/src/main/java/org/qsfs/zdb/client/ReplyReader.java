package org.qsfs.zdb.client;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.util.RedisInputStream;

/**
 * Reads replies with every length bounded, since the peer may be broken or hostile. Jedis' own reader would allocate
 * whatever a length line claims.
 *
 * <p>Not thread-safe: belongs to one connection.
 */
final class ReplyReader {

    /** zdb takes no larger argument, so it cannot hold a larger value; a little more for INFO-like texts. */
    static final int MAX_BULK_BYTES = 8 * 1024 * 1024 + 4096;

    /** Memory that one reply may take, all its elements together. A page of SCAN is the largest. */
    static final long MAX_REPLY_BYTES = 64L * 1024 * 1024;

    private static final int MAX_LINE_BYTES = 16 * 1024;
    private static final int MAX_DEPTH = 4;

    /** What a small element takes on the heap, roughly. */
    private static final int ELEMENT_BYTES = 64;

    private long consumed;
    private long budget;

    /** Bytes taken from the stream so far. */
    long consumed() {
        return consumed;
    }

    /** @throws Malformed when the bytes are no reply, or one that is too large */
    Reply read(RedisInputStream in) {
        budget = MAX_REPLY_BYTES;
        return read(in, 1);
    }

    private Reply read(RedisInputStream in, int depth) {
        take(ELEMENT_BYTES);
        int kind = next(in);
        return switch (kind) {
            case '+' -> new Reply.Simple(line(in));
            case '-' -> new Reply.Failure(line(in));
            case ':' -> new Reply.Int(number(in));
            case '$' -> bulk(in);
            case '*' -> array(in, depth);
            default ->
                throw new Malformed("a reply begins with byte 0x%02x, expected one of + - : $ *".formatted(kind));
        };
    }

    private Reply bulk(RedisInputStream in) {
        long length = number(in);
        if (length == -1) {
            return new Reply.Bulk(null);
        }
        if (length < 0 || length > MAX_BULK_BYTES) {
            throw new Malformed("a value claims " + length + " bytes, at most " + MAX_BULK_BYTES + " are possible");
        }
        take(length);
        byte[] bytes = new byte[(int) length];
        int at = 0;
        while (at < bytes.length) {
            int n = in.read(bytes, at, bytes.length - at);
            if (n < 0) {
                throw new JedisConnectionException("the server closed the connection inside a value");
            }
            at += n;
            consumed += n;
        }
        if (next(in) != '\r' || next(in) != '\n') {
            throw new Malformed("a value of " + length + " bytes does not end in CR LF");
        }
        return new Reply.Bulk(bytes);
    }

    private Reply array(RedisInputStream in, int depth) {
        long count = number(in);
        if (count < 0 || count > MAX_REPLY_BYTES / ELEMENT_BYTES) {
            throw new Malformed("an array claims " + count + " elements");
        }
        if (depth == MAX_DEPTH) {
            throw new Malformed("arrays are nested more than " + MAX_DEPTH + " deep");
        }
        // not presized: the count is only a claim
        List<Reply> elements = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            elements.add(read(in, depth + 1));
        }
        return new Reply.Elements(elements);
    }

    private String line(RedisInputStream in) {
        StringBuilder text = new StringBuilder();
        for (int c = next(in); c != '\r'; c = next(in)) {
            if (text.length() == MAX_LINE_BYTES) {
                throw new Malformed("a line has more than " + MAX_LINE_BYTES + " bytes");
            }
            text.append((char) c);
        }
        if (next(in) != '\n') {
            throw new Malformed("a line does not end in CR LF");
        }
        return new String(text.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    private long number(RedisInputStream in) {
        int c = next(in);
        boolean negative = c == '-';
        if (negative) {
            c = next(in);
        }
        long value = 0;
        int digits = 0;
        for (; c != '\r'; c = next(in)) {
            if (c < '0' || c > '9' || ++digits > 18) {
                throw new Malformed("a number has byte 0x%02x at digit %d".formatted(c, digits));
            }
            value = value * 10 + (c - '0');
        }
        if (digits == 0 || next(in) != '\n') {
            throw new Malformed("a number is empty or does not end in CR LF");
        }
        return negative ? -value : value;
    }

    private int next(RedisInputStream in) {
        int c = in.readByte() & 0xff;
        consumed++;
        return c;
    }

    private void take(long bytes) {
        budget -= bytes;
        if (budget < 0) {
            throw new Malformed("a reply is larger than " + MAX_REPLY_BYTES + " bytes");
        }
    }

    /** The bytes are no reply. A subtype of Jedis' own, so that Jedis marks the connection as broken. */
    static final class Malformed extends JedisConnectionException {
        private static final long serialVersionUID = 1;

        Malformed(String message) {
            super(message);
        }
    }
}
