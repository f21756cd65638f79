package org.qsfs.metadata.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.CatalogException;
import org.qsfs.metadata.CatalogTransaction;

/** Whatever happens to the bytes of the file: it is reported, or the state is one that was there once. */
@Timeout(90)
class LocalCatalogFuzzTest {

    @TempDir
    Path directory;

    private Path file() {
        return directory.resolve("catalog.log");
    }

    @Test
    void anyDamage() throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<Map<String, String>> states = commits(random);
        byte[] whole = Files.readAllBytes(file());
        int opened = 0;
        for (int i = 0; i < 1000; i++) {
            Files.write(file(), damage(whole, random));
            try (Catalog catalog = LocalCatalog.open(directory)) {
                assertThat(states).as("seed %d, damage %d", seed, i).contains(state(catalog));
                opened++;
            } catch (CatalogException e) {
                assertThat(e).as("seed %d, damage %d", seed, i).hasMessageContaining(file().toString());
            }
        }
        assertThat(opened).as("torn tails open").isPositive().isLessThan(1000);
    }

    /** The state after each of some commits, beginning with the empty one. */
    private List<Map<String, String>> commits(Random random) {
        List<Map<String, String>> states = new ArrayList<>();
        try (Catalog catalog = LocalCatalog.open(directory)) {
            states.add(state(catalog));
            for (int i = 0; i < 12; i++) {
                CatalogTransaction.Builder transaction = CatalogTransaction.begin();
                transaction.put("k" + random.nextInt(4), new byte[random.nextInt(200)]);
                transaction.delete("l" + random.nextInt(4)).put("l" + (4 + i), new byte[] {(byte) i});
                catalog.commit(transaction.build());
                states.add(state(catalog));
            }
        }
        return states;
    }

    private static Map<String, String> state(Catalog catalog) {
        Map<String, String> state = new TreeMap<>();
        catalog.scan("", entry -> state.put(entry.key(), entry.revision() + Arrays.toString(entry.value())));
        return state;
    }

    private static byte[] damage(byte[] whole, Random random) {
        byte[] bytes = whole.clone();
        int at = random.nextInt(bytes.length);
        int length = 1 + random.nextInt(Math.min(100, bytes.length - at));
        switch (random.nextInt(6)) {
            case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> bytes = Arrays.copyOf(bytes, at);
            case 2 -> Arrays.fill(bytes, at, at + length, (byte) 0);
            case 3 -> {
                byte[] noise = new byte[length];
                random.nextBytes(noise);
                System.arraycopy(noise, 0, bytes, at, length);
            }
            case 4 -> { // a block written to the wrong place
                int to = random.nextInt(bytes.length - length + 1);
                System.arraycopy(whole, at, bytes, to, length);
            }
            default -> { // a part twice
                bytes = Arrays.copyOf(bytes, bytes.length + (whole.length - at));
                System.arraycopy(whole, at, bytes, whole.length, whole.length - at);
            }
        }
        return bytes;
    }
}
