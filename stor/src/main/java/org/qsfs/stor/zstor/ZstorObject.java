package org.qsfs.stor.zstor;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.commons.compress.compressors.snappy.FramedSnappyCompressorInputStream;
import org.bouncycastle.crypto.io.InvalidCipherTextIOException;
import org.qsfs.erasure.ReedSolomon;
import org.qsfs.stor.segment.Blake2b128;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one object back, in two steps.
 *
 * <ol>
 *   <li>Its data shards, side by side, become a file: piece by piece from k shards, the missing ones computed, each shard checked against its checksum. A shard that fails is
 *       left out and the step begins anew with another.
 *   <li>The file, without its padding (1 to k bytes, each the number of them), is decrypted and decompressed.
 * </ol>
 */
final class ZstorObject {
    private static final Logger LOG = LoggerFactory.getLogger(ZstorObject.class);
    private static final int BUFFER = 1 << 16;
    private static final int MAX_PIECE = 2 << 20;

    private final ZstorRecord record;
    private final ReedSolomon code;
    private final ZstorShards source;

    /** Which shard failed. */
    private static final class ShardFailedException extends IOException {
        private static final long serialVersionUID = 1;
        private final int index;

        ShardFailedException(int index, String message) {
            super(message);
            this.index = index;
        }
    }

    ZstorObject(ZstorRecord record, ZstorShards source) {
        this.record = record;
        this.code = ReedSolomon.of(record.dataShards(), record.parityShards());
        this.source = source;
    }

    void restore(Path target) throws IOException, InterruptedException {
        Path directory = target.toAbsolutePath().getParent();
        if (directory != null) {
            Files.createDirectories(directory);
        }
        Path gathered = target.resolveSibling(target.getFileName() + ".shards");
        Path partial = target.resolveSibling(target.getFileName() + ".importing");
        try {
            long shardLength = gather(gathered);
            decode(gathered, shardLength, partial);
            Files.move(partial, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(gathered);
            Files.deleteIfExists(partial);
        }
    }

    // ------------------------------------------------------------------------------------------------ shards

    /** @return bytes of a shard */
    private long gather(Path file) throws IOException, InterruptedException {
        Set<Integer> failed = new TreeSet<>();
        while (true) {
            List<ZstorRecord.Shard> chosen = record.shards().stream()
                    .filter(shard -> !failed.contains(shard.index()))
                    .limit(record.dataShards())
                    .toList();
            if (chosen.size() < record.dataShards()) {
                throw new ZstorException(record + ": shards " + failed + " cannot be read, so only " + chosen.size()
                        + " are left of the " + record.dataShards() + " that are needed");
            }
            try (FileChannel out = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
                return gather(chosen, out);
            } catch (ShardFailedException e) {
                LOG.warn("{}: {}; another shard takes its place", record, e.getMessage());
                failed.add(e.index);
            }
        }
    }

    private long gather(List<ZstorRecord.Shard> chosen, FileChannel out) throws IOException, InterruptedException {
        int pieces = chosen.getFirst().keys().size();
        for (ZstorRecord.Shard shard : chosen) {
            if (shard.keys().size() != pieces) {
                throw new ZstorException(record + ": shard " + shard.index() + " has "
                        + shard.keys().size() + " pieces, shard "
                        + chosen.getFirst().index() + " has " + pieces);
            }
        }
        List<Blake2b128> digests = chosen.stream().map(_ -> new Blake2b128()).toList();
        long position = 0;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int piece = 0; piece < pieces; piece++) {
                List<byte[]> column = column(threads, chosen, piece);
                for (int i = 0; i < column.size(); i++) {
                    digests.get(i).update(column.get(i), 0, column.get(i).length);
                }
                writeDataShards(chosen, column, out, position);
                position += column.getFirst().length;
            }
        }
        for (int i = 0; i < chosen.size(); i++) {
            ZstorRecord.Shard shard = chosen.get(i);
            if (!Arrays.equals(digests.get(i).digest(), shard.checksum())) {
                throw new ShardFailedException(
                        shard.index(),
                        "shard " + shard.index() + " in " + shard.backend() + " does not have its checksum");
            }
        }
        return position;
    }

    /** The same piece of every shard. */
    private List<byte[]> column(ExecutorService threads, List<ZstorRecord.Shard> chosen, int piece)
            throws IOException, InterruptedException {
        List<Future<byte[]>> reads = chosen.stream()
                .map(shard -> threads.submit(() -> source.piece(shard, piece)))
                .toList();
        List<byte[]> column = new ArrayList<>();
        for (int i = 0; i < reads.size(); i++) {
            try {
                column.add(reads.get(i).get());
            } catch (ExecutionException e) {
                Throwable cause = e.getCause() == null ? e : e.getCause();
                throw new ShardFailedException(chosen.get(i).index(), String.valueOf(cause.getMessage()));
            }
            int length = column.get(i).length;
            if (length == 0 || length > MAX_PIECE || length != column.getFirst().length) {
                throw new ShardFailedException(
                        chosen.get(i).index(),
                        "piece " + piece + " of shard " + chosen.get(i).index() + " has " + length + " bytes, expected "
                                + column.getFirst().length);
            }
        }
        return column;
    }

    private void writeDataShards(List<ZstorRecord.Shard> chosen, List<byte[]> column, FileChannel out, long position)
            throws IOException {
        int length = column.getFirst().length;
        byte[][] shards = new byte[code.totalShards()][];
        boolean[] present = new boolean[shards.length];
        boolean[] wanted = new boolean[shards.length];
        for (int i = 0; i < chosen.size(); i++) {
            shards[chosen.get(i).index()] = column.get(i);
            present[chosen.get(i).index()] = true;
        }
        for (int i = 0; i < code.dataShards(); i++) {
            wanted[i] = true;
            if (!present[i]) {
                shards[i] = new byte[length];
            }
        }
        code.reconstruct(shards, present, wanted, 0, length);
        for (int i = 0; i < code.dataShards(); i++) {
            ByteBuffer bytes = ByteBuffer.wrap(shards[i]);
            for (long at = start(i) + position; bytes.hasRemaining(); ) {
                at += out.write(bytes, at);
            }
        }
    }

    /** Where a data shard begins in the file, which is sparse: as if all its pieces were full. */
    private long start(int shard) {
        return (long) shard * record.shards().getFirst().keys().size() * MAX_PIECE;
    }

    // ------------------------------------------------------------------------------------------------ content

    private void decode(Path gathered, long shardLength, Path target) throws IOException {
        Blake2b128 checksum = new Blake2b128();
        try (FileChannel in = FileChannel.open(gathered, StandardOpenOption.READ);
                FileChannel out = FileChannel.open(
                        target,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE);
                InputStream sealed = new DataShards(in, shardLength);
                InputStream compressed = new BufferedInputStream(ZstorCipher.decrypting(record.key(), sealed), BUFFER);
                InputStream plain = unframed(compressed)) {
            byte[] buffer = new byte[BUFFER];
            for (int count = plain.read(buffer); count >= 0; count = plain.read(buffer)) {
                checksum.update(buffer, 0, count);
                for (ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, count); bytes.hasRemaining(); ) {
                    out.write(bytes);
                }
            }
            // the tag stands at the end, which a decompressor need not reach
            compressed.transferTo(OutputStream.nullOutputStream());
            out.force(true);
        } catch (InvalidCipherTextIOException e) {
            throw new ZstorException(record + ": its content does not decrypt with the key in its record", e);
        } catch (IOException e) {
            throw new ZstorException(record + " cannot be unpacked to " + target + ": " + e.getMessage(), e);
        }
        byte[] found = checksum.digest();
        if (!Arrays.equals(found, record.checksum())) {
            throw new ZstorException(record + ": what was read has the checksum "
                    + HexFormat.of().formatHex(found) + "; the file changed while zstor stored it");
        }
    }

    /** An empty file has no Snappy stream at all. */
    private static InputStream unframed(InputStream compressed) throws IOException {
        compressed.mark(1);
        if (compressed.read() < 0) {
            return InputStream.nullInputStream();
        }
        compressed.reset();
        return new FramedSnappyCompressorInputStream(compressed);
    }

    /** The data shards one after another, without the padding. */
    private final class DataShards extends InputStream {
        private final FileChannel file;
        private final long shardLength;
        private final long end;
        private long position;

        DataShards(FileChannel file, long shardLength) throws IOException {
            this.file = file;
            this.shardLength = shardLength;
            long padded = shardLength * code.dataShards();
            byte[] last = new byte[1];
            readAt(padded - 1, last, 0, 1);
            if (last[0] < 1 || last[0] > code.dataShards()) {
                throw new ZstorException(
                        record + ": its padding is " + last[0] + ", expected 1 to " + code.dataShards());
            }
            this.end = padded - last[0];
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            long inShard = position % shardLength;
            int count = (int) Math.min(length, Math.min(end - position, shardLength - inShard));
            if (count <= 0) {
                return -1;
            }
            readAt(position, bytes, offset, count);
            position += count;
            return count;
        }

        private void readAt(long at, byte[] bytes, int offset, int count) throws IOException {
            ByteBuffer into = ByteBuffer.wrap(bytes, offset, count);
            long from = start((int) (at / shardLength)) + at % shardLength;
            while (into.hasRemaining()) {
                int read = file.read(into, from);
                if (read < 0) {
                    throw new EOFException("the gathered shards of " + record + " end early");
                }
                from += read;
            }
        }
    }
}
