package org.qsfs.zdb.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class ZdbCrcTest {
    @Test
    void checksumsAreThoseOfTheOriginal() {
        assertThat(of("123456789")).isEqualTo(0x58E3FA20);
        assertThat(of("value")).isEqualTo(0xA4927556);
        assertThat(of("hello")).isEqualTo(0xDF03CD79);
        assertThat(of("")).isZero();
    }

    @Test
    void partsGiveTheChecksumOfTheWhole() {
        assertThat(ZdbCrc.of(
                        ByteBuffer.wrap("va".getBytes(StandardCharsets.US_ASCII)),
                        ByteBuffer.wrap("lue".getBytes(StandardCharsets.US_ASCII))))
                .isEqualTo(of("value"));
    }

    private static int of(String text) {
        return ZdbCrc.of(text.getBytes(StandardCharsets.US_ASCII));
    }
}
