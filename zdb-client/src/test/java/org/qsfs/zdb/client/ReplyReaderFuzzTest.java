package org.qsfs.zdb.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.util.RedisInputStream;

/** Any bytes are a reply or an error, never anything else. */
class ReplyReaderFuzzTest {

    private static Reply read(byte[] bytes) {
        return new ReplyReader().read(new RedisInputStream(new ByteArrayInputStream(bytes)));
    }

    @Property(tries = 8_000)
    void noise(@ForAll byte[] bytes) {
        endsWell(bytes);
    }

    /** Bytes that look like the protocol get further than noise. */
    @Property(tries = 8_000)
    void nearlyProtocol(@ForAll("fragments") List<String> fragments) {
        endsWell(String.join("", fragments).getBytes(StandardCharsets.ISO_8859_1));
    }

    @Property(tries = 3_000)
    void damagedReplies(@ForAll("replies") Reply reply, @ForAll int position, @ForAll byte value) {
        byte[] bytes = encode(reply);
        bytes[Math.floorMod(position, bytes.length)] = value;
        endsWell(bytes);
        endsWell(Arrays.copyOf(bytes, Math.floorMod(position, bytes.length)));
    }

    @Property(tries = 3_000)
    void wholeReplies(@ForAll("replies") Reply reply) {
        assertThat(encode(read(encode(reply)))).isEqualTo(encode(reply));
    }

    private static void endsWell(byte[] bytes) {
        try {
            assertThat(read(bytes)).isNotNull();
        } catch (JedisConnectionException e) {
            assertThat(e).hasMessageNotContaining("OutOfMemory");
        }
    }

    @Provide
    Arbitrary<List<String>> fragments() {
        return Arbitraries.of(
                        "+",
                        "-",
                        ":",
                        "$",
                        "*",
                        "\r\n",
                        "\r",
                        "\n",
                        "0",
                        "1",
                        "-1",
                        "3",
                        "9999999",
                        "8392704",
                        "ab",
                        "*2\r\n",
                        "$2\r\nab\r\n",
                        ":7\r\n",
                        "+OK\r\n",
                        "99999999999999999999",
                        "*1048576\r\n")
                .list()
                .ofMaxSize(12);
    }

    @Provide
    Arbitrary<Reply> replies() {
        Arbitrary<String> line =
                Arbitraries.strings().ascii().excludeChars('\r', '\n').ofMaxLength(20);
        Arbitrary<Reply> leaf = Arbitraries.oneOf(
                line.map(Reply.Simple::new),
                line.map(Reply.Failure::new),
                Arbitraries.longs()
                        .between(-999_999_999_999_999_999L, 999_999_999_999_999_999L)
                        .map(Reply.Int::new),
                Arbitraries.bytes().array(byte[].class).ofMaxSize(50).map(Reply.Bulk::new),
                Arbitraries.just(new Reply.Bulk(null)));
        Arbitrary<Reply> array = leaf.list().ofMaxSize(4).map(Reply.Elements::new);
        Arbitrary<Reply> nested =
                Combinators.combine(leaf, array).as((first, second) -> new Reply.Elements(List.of(first, second)));
        return Arbitraries.oneOf(leaf, array, nested);
    }

    private static byte[] encode(Reply reply) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        encode(reply, out);
        return out.toByteArray();
    }

    private static void encode(Reply reply, ByteArrayOutputStream out) {
        switch (reply) {
            case Reply.Simple(String text) -> out.writeBytes(ascii("+" + text + "\r\n"));
            case Reply.Failure(String text) -> out.writeBytes(ascii("-" + text + "\r\n"));
            case Reply.Int(long value) -> out.writeBytes(ascii(":" + value + "\r\n"));
            case Reply.Bulk(byte[] bytes) when bytes == null -> out.writeBytes(ascii("$-1\r\n"));
            case Reply.Bulk(byte[] bytes) -> {
                out.writeBytes(ascii("$" + bytes.length + "\r\n"));
                out.writeBytes(bytes);
                out.writeBytes(ascii("\r\n"));
            }
            case Reply.Elements(List<Reply> elements) -> {
                out.writeBytes(ascii("*" + elements.size() + "\r\n"));
                elements.forEach(element -> encode(element, out));
            }
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
