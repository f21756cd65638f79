package org.qsfs.zdb.server;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.format.ZdbCrc;

/** The arguments of a command; the first is its name. At most one is long enough to lie in chunks. Closing gives these back. */
final class Request implements AutoCloseable {
    private final List<ByteBuffer[]> arguments;
    private final ChunkPool.@Nullable Lease lease;
    private final int leasedChecksum;

    /** A request without an argument in chunks. */
    Request(List<ByteBuffer[]> arguments) {
        this(arguments, null, 0);
    }

    /** @param leasedChecksum of the argument in the chunks */
    Request(List<ByteBuffer[]> arguments, ChunkPool.@Nullable Lease lease, int leasedChecksum) {
        this.arguments = arguments;
        this.lease = lease;
        this.leasedChecksum = leasedChecksum;
    }

    int count() {
        return arguments.size();
    }

    int length(int argument) {
        int length = 0;
        for (ByteBuffer part : arguments.get(argument)) {
            length += part.remaining();
        }
        return length;
    }

    /** The bytes of an argument, in parts; reading moves their positions. */
    ByteBuffer[] value(int argument) {
        return arguments.get(argument);
    }

    /** {@link ZdbCrc} of an argument that was not read yet. */
    int checksum(int argument) {
        ByteBuffer[] parts = arguments.get(argument);
        return lease != null && Arrays.equals(parts, lease.parts()) ? leasedChecksum : ZdbCrc.of(parts);
    }

    /** A copy of a short argument; the caller has looked at its length. */
    byte[] bytes(int argument) {
        byte[] bytes = new byte[length(argument)];
        int at = 0;
        for (ByteBuffer part : arguments.get(argument)) {
            int count = part.remaining();
            part.get(part.position(), bytes, at, count);
            at += count;
        }
        return bytes;
    }

    /** A short argument as text, one character per byte. */
    String text(int argument) {
        return new String(bytes(argument), StandardCharsets.ISO_8859_1);
    }

    boolean is(int argument, String word) {
        return length(argument) == word.length() && text(argument).equalsIgnoreCase(word);
    }

    boolean hasEmptyArgument() {
        for (int i = 1; i < count(); i++) {
            if (length(i) == 0) {
                return true;
            }
        }
        return false;
    }

    /** Like C's atoll: leading blanks, a sign, digits; anything else ends the number, no digits are 0, overflow is clamped. */
    long number(int argument) {
        String text = new String(bytes(argument), StandardCharsets.ISO_8859_1).strip();
        int at = 0;
        boolean negative = text.startsWith("-");
        if (negative || text.startsWith("+")) {
            at++;
        }
        long number = 0;
        for (; at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9'; at++) {
            int digit = text.charAt(at) - '0';
            if (number > (Long.MAX_VALUE - digit) / 10) {
                return negative ? Long.MIN_VALUE : Long.MAX_VALUE;
            }
            number = 10 * number + digit;
        }
        return negative ? -number : number;
    }

    @Override
    public void close() {
        if (lease != null) {
            lease.close();
        }
    }
}
