package org.qsfs.zdb.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.qsfs.zdb.conformance.RespClient;
import org.qsfs.zdb.format.ZdbCrc;

final class RequestReaderTest {
    private final ChunkPool pool = new ChunkPool(16 << 20, 1000);

    /** Gives the bytes in pieces of random length. */
    private static final class Pieces implements ReadableByteChannel {
        private final ByteBuffer bytes;
        private final Random random;

        Pieces(byte[] bytes, Random random) {
            this.bytes = ByteBuffer.wrap(bytes);
            this.random = random;
        }

        @Override
        public int read(ByteBuffer dst) {
            if (!bytes.hasRemaining()) {
                return -1;
            }
            int count = Math.min(
                    1 + random.nextInt(random.nextBoolean() ? 8 : 5000), Math.min(dst.remaining(), bytes.remaining()));
            dst.put(bytes.slice(bytes.position(), count));
            bytes.position(bytes.position() + count);
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    private static byte[] randomBytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static List<byte[][]> randomRequests(Random random) {
        List<byte[][]> requests = new ArrayList<>();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            byte[][] arguments = new byte[1 + random.nextInt(5)][];
            for (int a = 0; a < arguments.length; a++) {
                arguments[a] = randomBytes(random, random.nextInt(random.nextInt(50) == 0 ? 40_000 : 30));
            }
            requests.add(arguments);
        }
        return requests;
    }

    private static byte[] encoded(List<byte[][]> requests) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        requests.forEach(r -> out.writeBytes(RespClient.request(r)));
        return out.toByteArray();
    }

    @Test
    void requestsAreReadHoweverTheyAreSplit() throws IOException {
        for (int seed = 0; seed < 3000; seed++) {
            Random random = new Random(seed);
            List<byte[][]> requests = randomRequests(random);
            // at most one long argument is taken; the others count against a limit
            RequestReader reader = new RequestReader(
                    new Pieces(encoded(requests), random),
                    pool,
                    (inside, more) -> {},
                    ByteBuffer.allocate(256 + random.nextInt(16_000)));
            for (byte[][] expected : requests) {
                try (Request request = reader.next()) {
                    assertThat(request).isNotNull();
                    assertThat(request.count()).isEqualTo(expected.length);
                    for (int i = 0; i < expected.length; i++) {
                        assertThat(request.bytes(i)).isEqualTo(expected[i]);
                        assertThat(request.checksum(i)).isEqualTo(ZdbCrc.of(expected[i]));
                    }
                }
            }
            assertThat(reader.next()).isNull();
        }
        assertThat(pool.usedBytes()).isZero();
    }

    @Test
    void damagedRequestsAreRefusedOrReadButNothingElseHappens() {
        damage(0, 60_000);
    }

    @Tag("long")
    @Test
    void aMillionDamagedRequestsAreRefusedOrRead() {
        damage(60_000, 1_060_000);
    }

    private void damage(int from, int to) {
        long refused = IntStream.range(from, to)
                .parallel()
                .filter(seed -> {
                    try {
                        return isRefused(seed);
                    } catch (AssertionError | RuntimeException | IOException e) {
                        throw new AssertionError("seed " + seed, e);
                    }
                })
                .count();
        assertThat(pool.usedBytes()).as("chunks that were not given back").isZero();
        assertThat(refused).isBetween((to - from) / 10L, to - from - 1L);
    }

    private boolean isRefused(int seed) throws IOException {
        Random random = new Random(seed);
        byte[] bytes = mutated(encoded(randomRequests(random)), random);
        List<String> inPieces = read(bytes, new Pieces(bytes, random), 256 + random.nextInt(16_000));
        assertThat(read(bytes, Channels.newChannel(new ByteArrayInputStream(bytes)), 64 << 10))
                .as("however the bytes arrive")
                .isEqualTo(inPieces);
        return inPieces.getLast().startsWith("refused: ");
    }

    /** The requests in order, and how it ended. */
    private List<String> read(byte[] bytes, ReadableByteChannel source, int bufferBytes) throws IOException {
        List<String> outcome = new ArrayList<>();
        RequestReader reader = new RequestReader(source, pool, (inside, more) -> {}, ByteBuffer.allocate(bufferBytes));
        try {
            for (Request request = reader.next(); request != null; request = reader.next()) {
                assertThat(request.count()).isBetween(1, RequestReader.MAX_ARGUMENTS);
                StringBuilder text = new StringBuilder();
                int total = 0;
                for (int i = 0; i < request.count(); i++) {
                    total += request.length(i);
                    text.append(request.length(i))
                            .append(':')
                            .append(Arrays.hashCode(request.bytes(i)))
                            .append(' ');
                }
                assertThat(total).isLessThanOrEqualTo(bytes.length);
                outcome.add(text.toString());
                request.close();
            }
            outcome.add("closed");
        } catch (ProtocolException e) {
            assertThat(e.reply())
                    .isIn(
                            "Malformed request, array expected",
                            "Malformed query string",
                            "Missing arguments",
                            "Too many arguments",
                            "Internal memory error",
                            "Payload too big");
            outcome.add("refused: " + e.reply());
        }
        return outcome;
    }

    private static byte[] mutated(byte[] bytes, Random random) {
        byte[] result = bytes;
        for (int i = random.nextInt(4); i >= 0; i--) {
            int at = random.nextInt(Math.max(1, result.length));
            result = switch (random.nextInt(5)) {
                case 0 -> Arrays.copyOf(result, at);
                case 1 -> spliced(result, at, 0, randomBytes(random, 1 + random.nextInt(3)));
                case 2 -> spliced(result, at, Math.min(1 + random.nextInt(3), result.length - at), new byte[0]);
                case 3 ->
                    spliced(
                            result,
                            at,
                            0,
                            "*$-0123456789\r\n".substring(random.nextInt(15)).getBytes(StandardCharsets.US_ASCII));
                default -> flipped(result, at, random);
            };
        }
        return result;
    }

    private static byte[] flipped(byte[] bytes, int at, Random random) {
        byte[] result = bytes.clone();
        if (at < result.length) {
            result[at] ^= (byte) (1 << random.nextInt(8));
        }
        return result;
    }

    private static byte[] spliced(byte[] bytes, int at, int removed, byte[] added) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes, 0, Math.min(at, bytes.length));
        out.writeBytes(added);
        int from = Math.min(bytes.length, at + removed);
        out.write(bytes, from, bytes.length - from);
        return out.toByteArray();
    }

    @Test
    void aLengthAloneTakesNoMemoryBeyondThePool() throws IOException {
        byte[] bytes = "*2\r\n$8388608\r\nabc".getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < 100; i++) {
            assertThat(new RequestReader(
                                    new Pieces(bytes, new Random(i)),
                                    pool,
                                    (inside, more) -> {},
                                    ByteBuffer.allocate(8 << 10))
                            .next())
                    .isNull();
        }
        assertThat(pool.usedBytes()).isZero();
    }
}
