package org.qsfs.stor.stripe;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdException;

/**
 * Makes a stripe smaller when that is worth it. A sample decides first, because zstd takes as long for bytes that it cannot make smaller, and most bytes of a
 * filesystem are such.
 *
 * <p>Not for several threads at once.
 */
final class Compressor implements AutoCloseable {
    private static final int LEVEL = 1;
    private static final int SAMPLE_PIECES = 4;
    private static final int SAMPLE_PIECE_BYTES = 16 << 10;
    private static final int MIN_GAIN_PERCENT = 3;

    private final ZstdCompressCtx context =
            new ZstdCompressCtx().setLevel(LEVEL).setChecksum(false);

    /** Room that the result of compressing that many bytes may need. */
    static int bound(int length) {
        return Math.toIntExact(Zstd.compressBound(length));
    }

    /** @return bytes written to {@code out}, or −1 when the bytes are better stored raw */
    int compress(byte[] in, int length, byte[] out) {
        if (!sampleGains(in, length, out)) {
            return -1;
        }
        int compressed = compress(in, 0, length, out);
        return gains(compressed, length) ? compressed : -1;
    }

    /** @throws ZstdException when the bytes are not a frame that holds exactly that many bytes */
    static void decompress(byte[] in, int length, byte[] out, int plainLength) {
        long found = Zstd.decompressByteArray(out, 0, plainLength, in, 0, length);
        if (Zstd.isError(found)) {
            throw new ZstdException(found);
        }
        if (found != plainLength) {
            throw new ZstdException(Zstd.errCorruptionDetected(), "the frame holds " + found + " bytes");
        }
    }

    /** Samples from all over the stripe: its begin alone may be a header that says little about the rest. */
    private boolean sampleGains(byte[] in, int length, byte[] out) {
        if (length <= SAMPLE_PIECES * SAMPLE_PIECE_BYTES) {
            return true;
        }
        int compressed = 0;
        for (int piece = 0; piece < SAMPLE_PIECES; piece++) {
            int offset = (int) ((long) (length - SAMPLE_PIECE_BYTES) * piece / (SAMPLE_PIECES - 1));
            compressed += compress(in, offset, SAMPLE_PIECE_BYTES, out);
        }
        return gains(compressed, SAMPLE_PIECES * SAMPLE_PIECE_BYTES);
    }

    private int compress(byte[] in, int offset, int length, byte[] out) {
        return context.compressByteArray(out, 0, out.length, in, offset, length);
    }

    private static boolean gains(int compressed, int plain) {
        return (long) compressed * 100 <= (long) plain * (100 - MIN_GAIN_PERCENT);
    }

    @Override
    public void close() {
        context.close();
    }
}
