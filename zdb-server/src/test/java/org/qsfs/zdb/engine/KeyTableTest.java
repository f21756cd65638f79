package org.qsfs.zdb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class KeyTableTest {
    private static Version version(int n) {
        return new Version(n, n + 1, n, n + 2, n + 3, n + 4, n + 5);
    }

    @Test
    void itHoldsWhatAMapHolds() {
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            KeyTable table = new KeyTable();
            Map<String, Version> map = new HashMap<>();
            for (int i = 0; i < 20_000; i++) {
                int length = 1 + random.nextInt(random.nextInt(10) == 0 ? 255 : 4);
                String key = "abcdefgh".repeat(32).substring(0, length - 1) + random.nextInt(10);
                byte[] bytes = key.getBytes(StandardCharsets.US_ASCII);
                bytes[0] = (byte) random.nextInt(100);
                String name = new String(bytes, StandardCharsets.US_ASCII);
                switch (random.nextInt(3)) {
                    case 0 -> assertThat(table.remove(bytes)).isEqualTo(map.remove(name) != null);
                    case 1 -> {
                        table.put(bytes, version(i));
                        map.put(name, version(i));
                    }
                    default -> assertThat(table.find(bytes)).isEqualTo(map.get(name));
                }
                assertThat(table.size()).isEqualTo(map.size());
            }
            map.forEach((key, version) -> assertThat(table.find(key.getBytes(StandardCharsets.US_ASCII)))
                    .isEqualTo(version));
        }
    }

    @Test
    void aKeyTakesAtMost64BytesMoreThanItself() {
        KeyTable table = new KeyTable();
        int keys = 300_000;
        for (int i = 0; i < keys; i++) {
            table.put("%020d".formatted(i).getBytes(StandardCharsets.US_ASCII), version(i));
        }
        assertThat((double) table.memoryBytes() / keys).isLessThan(20 + 64);
    }

    @Test
    void memoryOfRemovedKeysIsUsedAgain() {
        KeyTable table = new KeyTable();
        long before = 0;
        for (int round = 0; round < 50; round++) {
            for (int i = 0; i < 10_000; i++) {
                table.put((round + "/" + i).getBytes(StandardCharsets.US_ASCII), version(i));
            }
            for (int i = 0; i < 10_000; i++) {
                assertThat(table.remove((round + "/" + i).getBytes(StandardCharsets.US_ASCII)))
                        .isTrue();
            }
            before = round == 10 ? table.memoryBytes() : before;
        }
        assertThat(table.memoryBytes()).isLessThanOrEqualTo(before + (64 << 10));
    }
}
