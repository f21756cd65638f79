package org.qsfs.fs.model;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.LongRange;
import org.qsfs.fs.JournaledVolume;

/** On a real journal: after everything was flushed a crash changes nothing; after more calls it leaves a sound volume. */
class CrashModelTest {
    @Property(tries = 100)
    void aCrashLosesNothingThatWasFlushed(
            @ForAll("operations") List<Operation> before,
            @ForAll("operations") List<Operation> after,
            @ForAll @LongRange(min = 0) long seed)
            throws IOException {
        crash(before, after, seed);
    }

    @Property(tries = 2000)
    @Tag("long")
    void aCrashLosesNothingThatWasFlushedForLong(
            @ForAll("operations") List<Operation> before,
            @ForAll("operations") List<Operation> after,
            @ForAll @LongRange(min = 0) long seed)
            throws IOException {
        crash(before, after, seed);
    }

    private static void crash(List<Operation> before, List<Operation> after, long seed) throws IOException {
        try (JournaledVolume volume = new JournaledVolume()) {
            Run run = new Run(volume);
            for (Operation operation : before) {
                run.apply(operation);
            }
            volume.fs().flushAll();
            volume.crash(new Random(seed));
            run.crashed();
            run.compare();
            for (Operation operation : after) {
                run.apply(operation);
            }
            volume.crash(new Random(seed + 1));
            volume.assertSound();
        }
    }

    @Provide
    Arbitrary<List<Operation>> operations() {
        return new ModelTest().operations();
    }
}
