package org.qsfs.encryption;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/** 16 bytes as two longs, as bytes and as hexadecimal text: what the identities have in common. */
final class Bytes16 {
    static final int LENGTH = 16;

    private Bytes16() {}

    static void check(String what, byte[] bytes) {
        if (bytes.length != LENGTH) {
            throw new IllegalArgumentException(what + " of " + bytes.length + " bytes; expected " + LENGTH);
        }
    }

    static long high(byte[] bytes) {
        return ByteBuffer.wrap(bytes).getLong(0);
    }

    static long low(byte[] bytes) {
        return ByteBuffer.wrap(bytes).getLong(8);
    }

    static byte[] bytes(long high, long low) {
        return ByteBuffer.allocate(LENGTH).putLong(high).putLong(low).array();
    }

    static String text(long high, long low) {
        return HexFormat.of().formatHex(bytes(high, low));
    }

    static byte[] parse(String what, String text) throws MalformedException {
        if (text.length() != 2 * LENGTH || !text.chars().allMatch(HexFormat::isHexDigit)) {
            throw new MalformedException(what + " \"" + text.substring(0, Math.min(text.length(), 80))
                    + "\"; expected 32 hexadecimal digits");
        }
        return HexFormat.of().parseHex(text);
    }
}
