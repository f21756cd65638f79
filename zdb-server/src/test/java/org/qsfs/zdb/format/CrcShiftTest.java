package org.qsfs.zdb.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CrcShiftTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 4, 255, 4096, 4100, 1_000_003})
    void checksumsOfTwoPartsGiveThatOfTheWhole(int length) {
        byte[] first = bytes(1, 777);
        byte[] second = bytes(2, length);
        int whole = ZdbCrc.of(ByteBuffer.wrap(first), ByteBuffer.wrap(second));
        assertThat(new CrcShift(length).apply(ZdbCrc.of(first)) ^ ZdbCrc.of(second))
                .isEqualTo(whole);
        assertThat(CrcShift.apply(ZdbCrc.of(first), length) ^ ZdbCrc.of(second)).isEqualTo(whole);
    }

    private static byte[] bytes(int seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
