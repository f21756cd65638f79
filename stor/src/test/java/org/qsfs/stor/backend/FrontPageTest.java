package org.qsfs.stor.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.qsfs.stor.segment.StorException;

class FrontPageTest {
    private static final FrontPage PAGE = new FrontPage(0x1011121314151617L, new TreeMap<>())
            .with(bytes("qsfs-header"), new byte[] {1, 2, 3})
            .with(bytes("qsfs-b"), new byte[0]);

    @Test
    void bytesAreAsDocumented() throws StorException {
        String body = "5153465350414745" + "0001" + "1011121314151617" + "00000002"
                + "06" + "717366732d62" + "00000000"
                + "0b" + "717366732d686561646572" + "00000003" + "010203";
        CRC32C crc = new CRC32C();
        crc.update(HexFormat.of().parseHex(body));
        assertThat(HexFormat.of().formatHex(PAGE.encode())).isEqualTo(body + String.format("%08x", crc.getValue()));
        FrontPage decoded = FrontPage.decode(PAGE.encode());
        assertThat(decoded.incarnation()).isEqualTo(PAGE.incarnation());
        assertThat(decoded.value(bytes("qsfs-header"))).contains(new byte[] {1, 2, 3});
        assertThat(decoded.value(bytes("qsfs-head"))).isEmpty();
        assertThat(decoded.encode()).isEqualTo(PAGE.encode());
    }

    @Property
    void damageIsNoticed(@ForAll @IntRange(max = 54) int at, @ForAll @IntRange(max = 7) int bit) {
        byte[] bytes = PAGE.encode();
        bytes[at] ^= (byte) (1 << bit);
        assertThatThrownBy(() -> FrontPage.decode(bytes)).isInstanceOf(StorException.class);
    }

    @Property
    void cutsAreNoticed(@ForAll @IntRange(max = 54) int length) {
        assertThatThrownBy(() -> FrontPage.decode(Arrays.copyOf(PAGE.encode(), length)))
                .isInstanceOf(StorException.class);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
