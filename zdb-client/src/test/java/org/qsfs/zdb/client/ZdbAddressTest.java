package org.qsfs.zdb.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ZdbAddressTest {

    @ParameterizedTest
    @CsvSource({
        "10.0.0.1:9900, 10.0.0.1, 9900",
        "zdb.example.org:1, zdb.example.org, 1",
        "[2a02:1802:5e::1]:65535, 2a02:1802:5e::1, 65535",
        "[::1]:9900, ::1, 9900"
    })
    void reads(String text, String host, int port) {
        assertThat(ZdbAddress.parse(text)).isEqualTo(new ZdbAddress(host, port)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":9900",
                "host",
                "host:",
                "host:0",
                "host:65536",
                "host:x",
                "::1:9900",
                "a b:1",
                "[::1]",
                "http://h:1"
            })
    void refuses(String text) {
        assertThatThrownBy(() -> ZdbAddress.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + text + "\"")
                .hasMessageContaining("expected host:port");
    }
}
