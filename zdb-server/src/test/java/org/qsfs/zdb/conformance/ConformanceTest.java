package org.qsfs.zdb.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Every scenario recorded from 0-db gets the same replies here; where 0-db's reply is a defect, the corrected one. */
@Execution(ExecutionMode.CONCURRENT)
final class ConformanceTest {
    /** MIRROR and MASTER are not offered (docs/zdb.md); the others are of a debug build of 0-db. */
    private static final Set<String> NOT_OURS = Set.of("replicate", "kscan_debug", "stop_debug");

    static final Path VECTORS = Path.of("src/test/resources/zdb");

    static List<String> scenarios() throws IOException {
        try (Stream<Path> files = Files.list(VECTORS)) {
            return files.map(p -> p.getFileName().toString())
                    .filter(n -> n.endsWith(".jsonl"))
                    .map(n -> n.substring(0, n.length() - ".jsonl".length()))
                    .filter(n -> !NOT_OURS.contains(n))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void repliesAreThoseOfZdb(String name, @TempDir Path dir) throws IOException {
        List<JsonNode> lines = Scenario.load(VECTORS.resolve(name + ".jsonl"));
        List<String> flags = new ArrayList<>();
        lines.getFirst().get("header").get("flags").forEach(f -> flags.add(f.asString()));
        try (RestartableServer server = new RestartableServer(dir, flags)) {
            server.start();
            try (Scenario scenario = new Scenario(server)) {
                for (int i = 1; i < lines.size(); i++) {
                    Optional<String> problem = scenario.run(lines.get(i));
                    assertThat(problem)
                            .as("%s line %d: %s", name, i + 1, shown(lines.get(i)))
                            .isEmpty();
                }
            }
        }
    }

    private static String shown(JsonNode step) {
        String text = step.toString();
        return text.length() > 1500 ? text.substring(0, 1500) : text;
    }
}
