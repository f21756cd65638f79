package org.qsfs.fs.inode;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ReferencesTest {
    @Property(tries = 200)
    void countsLikeAMap(@ForAll @Size(max = 400) List<@IntRange(min = -300, max = 300) Integer> steps) {
        References references = new References();
        Map<Long, Integer> model = new HashMap<>();
        for (int step : steps) {
            long inode = 64L * (Math.abs(step) % 40) + 1;
            if (step >= 0) {
                references.add(inode);
                model.merge(inode, 1, Integer::sum);
            } else {
                int count = 1 + -step % 3;
                int left = model.getOrDefault(inode, 0) - count;
                boolean last = model.containsKey(inode) && left <= 0;
                if (left > 0) {
                    model.put(inode, left);
                } else {
                    model.remove(inode);
                }
                assertThat(references.remove(inode, count)).isEqualTo(last);
            }
            assertThat(references.size()).isEqualTo(model.size());
        }
        for (long i = 0; i < 40; i++) {
            assertThat(references.isReferenced(64 * i + 1)).isEqualTo(model.containsKey(64 * i + 1));
        }
    }

    @Test
    void growsAndShrinks() {
        References references = new References();
        for (long inode = 1; inode <= 100_000; inode++) {
            references.add(inode);
        }
        assertThat(references.size()).isEqualTo(100_000);
        for (long inode = 1; inode <= 100_000; inode++) {
            assertThat(references.remove(inode, 1)).isTrue();
        }
        assertThat(references.size()).isZero();
        assertThat(references.isReferenced(5)).isFalse();
    }
}
