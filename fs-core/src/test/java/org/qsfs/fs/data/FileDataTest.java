package org.qsfs.fs.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.qsfs.fs.FsException;
import org.qsfs.fs.Timestamp;
import org.qsfs.fs.format.DataRecord;

/** Bytes of a file in memory. */
class FileDataTest {
    private static final long LONG = TimeUnit.SECONDS.toNanos(60);

    private final PagePool pool = new PagePool(4 << 20);
    private final FileData file = new FileData(7, pool);

    private void write(long offset, byte[] bytes) throws FsException {
        try (PagePool.Lease lease = pool.acquire(DirtyRanges.pagesFor(bytes.length), 0)) {
            file.dirtyLock.lock();
            try {
                file.write(offset, ByteBuffer.wrap(bytes), offset + bytes.length, new Timestamp(0, 0), 0, lease);
            } finally {
                file.dirtyLock.unlock();
            }
        }
    }

    private DirtyRanges freeze() {
        file.dirtyLock.lock();
        try {
            return file.freeze().ranges();
        } finally {
            file.dirtyLock.unlock();
        }
    }

    @Test
    void whoWaitsGoesOnWhenAFlushBeginsNotWhenItEnds() throws Exception {
        write(0, new byte[10_000]);
        assertThat(file.awaitTaken(10_001, LONG)).isTrue();
        assertThat(file.awaitTaken(10_000, 1_000_000)).isFalse();
        FutureTask<Boolean> waiting = new FutureTask<>(() -> file.awaitTaken(10_000, LONG));
        Thread.ofVirtual().start(waiting);
        freeze();
        assertThat(waiting.get(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void whoWaitsGoesOnWhenTheBytesAreDiscarded() throws Exception {
        write(0, new byte[10_000]);
        FutureTask<Boolean> waiting = new FutureTask<>(() -> file.awaitTaken(10_000, LONG));
        Thread.ofVirtual().start(waiting);
        file.lockContent();
        try {
            file.discard();
        } finally {
            file.unlockContent();
        }
        assertThat(waiting.get(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void sumsOfPagesFollowEveryOverwrite() throws FsException {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            for (int i = 0; i < 12; i++) {
                boolean whole = random.nextBoolean();
                int unit = whole ? DirtyRange.PAGE : 1;
                byte[] bytes = new byte[unit * (1 + random.nextInt(whole ? 5 : 9000))];
                random.nextBytes(bytes);
                write((long) unit * random.nextInt(40_000 / unit), bytes);
            }
            DirtyRanges frozen = freeze();
            int summed = 0;
            for (DirtyRange range : frozen.ranges()) {
                for (DataRecord.Part part : range.parts()) {
                    if (part.summed()) {
                        summed++;
                        assertThat(part.bytes().remaining()).isEqualTo(DataRecord.BLOCK);
                        assertThat(part.sum())
                                .as("seed %d", seed)
                                .isEqualTo(new DataRecord.BlockSum().of(part.bytes(), 0));
                    }
                }
            }
            assertThat(summed).isPositive();
            frozen.clear();
            file.flushed();
        }
    }
}
