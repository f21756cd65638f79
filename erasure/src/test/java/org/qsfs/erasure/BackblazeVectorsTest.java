package org.qsfs.erasure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Parity computed by Backblaze's JavaReedSolomon; the file's fields are explained by the record below. */
class BackblazeVectorsTest {
    private static final Pattern VECTOR = Pattern.compile("\\{\"data\":(\\d+),\"parity\":(\\d+),\"shard_bytes\":(\\d+),"
            + "\"first_parity_shard\":\"(\\w*)\",\"sha256_of_all_parity\":\"(\\w*)\",\"parity_rows\":\\[([^]]*)]}");

    /** {@code parityRows} are the coefficients of the parity shards, left out for large codes. */
    record Vector(
            int data, int parity, int shardBytes, String firstParityShard, String sha256, List<String> parityRows) {}

    static Stream<Vector> vectors() throws IOException {
        try (InputStream json = BackblazeVectorsTest.class.getResourceAsStream("reed-solomon.json")) {
            Matcher matcher = VECTOR.matcher(new String(json.readAllBytes(), StandardCharsets.UTF_8));
            return matcher.results()
                    .map(m -> new Vector(
                            Integer.parseInt(m.group(1)),
                            Integer.parseInt(m.group(2)),
                            Integer.parseInt(m.group(3)),
                            m.group(4),
                            m.group(5),
                            Pattern.compile("\\w+")
                                    .matcher(m.group(6))
                                    .results()
                                    .map(r -> r.group())
                                    .toList()));
        }
    }

    @Test
    void theFileHasAllVectors() throws IOException {
        assertThat(vectors()).hasSize(15);
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void vectorKernelComputesTheSameParity(Vector vector) throws NoSuchAlgorithmException {
        assertSameParity(vector, new VectorKernel());
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void scalarKernelComputesTheSameParity(Vector vector) throws NoSuchAlgorithmException {
        assertSameParity(vector, new ScalarKernel());
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void parityRowsAreTheSame(Vector vector) {
        // the parity of the unit vectors is the matrix
        ReedSolomon coder = ReedSolomon.of(vector.data(), vector.parity(), new ScalarKernel());
        byte[][] shards = new byte[coder.totalShards()][vector.data()];
        for (int j = 0; j < vector.data(); j++) {
            shards[j][j] = 1;
        }
        coder.encode(shards, 0, vector.data());
        for (int r = 0; r < vector.parityRows().size(); r++) {
            assertThat(HexFormat.of().formatHex(shards[vector.data() + r]))
                    .isEqualTo(vector.parityRows().get(r));
        }
    }

    private static void assertSameParity(Vector vector, Kernel kernel) throws NoSuchAlgorithmException {
        ReedSolomon coder = ReedSolomon.of(vector.data(), vector.parity(), kernel);
        byte[][] shards = new byte[coder.totalShards()][vector.shardBytes()];
        for (int j = 0; j < vector.data(); j++) {
            for (int i = 0; i < vector.shardBytes(); i++) {
                shards[j][i] = (byte) (31 * j + 7 * i + (i * j) % 13);
            }
        }
        coder.encode(shards, 0, vector.shardBytes());

        assertThat(HexFormat.of().formatHex(shards[vector.data()])).isEqualTo(vector.firstParityShard());
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        Arrays.stream(shards).skip(vector.data()).forEach(sha256::update);
        assertThat(HexFormat.of().formatHex(sha256.digest())).isEqualTo(vector.sha256());
    }
}
