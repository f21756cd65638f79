package org.qsfs.fs.model;

import java.io.IOException;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import org.qsfs.fs.TestVolume;

/** Random sequences of calls answer what the model answers, and leave the same tree, also after a remount. */
class ModelTest {
    @Property(tries = 400)
    void answersLikeTheModel(@ForAll("operations") List<Operation> operations) throws IOException {
        compare(operations);
    }

    @Property(tries = 8000)
    @Tag("long")
    void answersLikeTheModelForLong(@ForAll("operations") List<Operation> operations) throws IOException {
        compare(operations);
    }

    private static void compare(List<Operation> operations) throws IOException {
        try (TestVolume volume = TestVolume.create()) {
            Run run = new Run(volume);
            for (Operation operation : operations) {
                run.apply(operation);
            }
            run.compare();
        }
    }

    @Provide
    Arbitrary<List<Operation>> operations() {
        Arbitrary<Integer> offsets = Arbitraries.oneOf(
                Arbitraries.integers().between(0, 8000),
                Arbitraries.of(0, 1, 4095, 4096, 4097, 8192, 1 << 20, (1 << 20) - 1, (1 << 20) + 5000, 3 << 20));
        Arbitrary<Integer> lengths = Arbitraries.oneOf(
                Arbitraries.integers().between(0, 10_000),
                Arbitraries.of(0, 1, 4095, 4096, 4097, 16_384, 1 << 20, (1 << 20) + 1, 1_500_000));
        return Combinators.combine(
                        Arbitraries.of(Operation.Kind.values()),
                        Arbitraries.integers().between(0, 2),
                        Arbitraries.integers().between(0, 80),
                        Arbitraries.integers().between(0, 80),
                        offsets,
                        lengths,
                        Arbitraries.integers().between(0, 2))
                .as(Operation::new)
                .list()
                .ofMinSize(5)
                .ofMaxSize(80);
    }
}
