package org.qsfs.fs.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.qsfs.fs.FsException;
import org.qsfs.fs.format.Preallocation.Range;

/** Ranges of a file, against a set of bytes. */
class PreallocationTest {
    private static final int SIZE = 100;

    @Property(tries = 1000)
    void rangesAreASetOfBytes(@ForAll @Size(max = 30) List<@IntRange(min = 0, max = 20_000) Integer> steps)
            throws FsException {
        Preallocation ranges = Preallocation.NONE;
        BitSet bytes = new BitSet(SIZE);
        for (int step : steps) {
            int from = step / 2 % SIZE;
            int to = from + 1 + step / 2 / SIZE % (SIZE - from);
            if (step % 2 == 0) {
                ranges = ranges.plus(from, to);
                bytes.set(from, to);
            } else {
                ranges = ranges.minus(from, to);
                bytes.clear(from, to);
            }
            assertThat(ranges.bytes()).isEqualTo(bytes.cardinality());
            assertThat(ranges.overlap(from / 2, to))
                    .isEqualTo(bytes.get(from / 2, to).cardinality());
            BitSet gaps = new BitSet(SIZE);
            ranges.gaps(from / 2, to).forEach(gap -> gaps.set((int) gap.from(), (int) gap.to()));
            BitSet missing = new BitSet(SIZE);
            missing.set(from / 2, to);
            missing.andNot(bytes);
            assertThat(gaps).isEqualTo(missing);
        }
        assertAscendingAndApart(ranges);
        RowWriter writer = new RowWriter();
        ranges.write(writer);
        assertThat(Preallocation.read(new RowParser("test", writer.toBytes()))).isEqualTo(ranges);
    }

    private static void assertAscendingAndApart(Preallocation ranges) {
        long end = -1;
        for (Range range : ranges.ranges()) {
            assertThat(range.from()).isGreaterThan(end);
            assertThat(range.length()).isPositive();
            end = range.to();
        }
    }
}
