package org.qsfs.fuse.conformance;

import static org.qsfs.fs.Errno.EBUSY;
import static org.qsfs.fuse.conformance.Place.*;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.qsfs.fuse.Binding;
import org.qsfs.fuse.MountOptions;

@DisplayName("A mount that is read-only")
final class ReadOnlyMountTest {
    @TempDir
    private Path directory;

    @BeforeEach
    void needsRoot() {
        Assumptions.assumeTrue(Native.isSuperuser(), "only root can mount again with other options");
    }

    @ParameterizedTest
    @EnumSource(names = {"KERNEL", "JNR"})
    void byItsOptionsKeepsToTheRules(Binding binding) throws Exception {
        MountedVolume written = MountedVolume.open(directory, binding, false);
        ReadOnlyRules.prepare(new Place(written.root()));
        written.close();

        MountedVolume mounted = MountedVolume.open(
                directory,
                MountOptions.of(directory.resolve("mnt")).withBinding(binding).withReadOnly(true));
        try {
            expectAll(mounted.root());
        } finally {
            mounted.checkAndClose();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"KERNEL", "JNR"})
    void byRemountKeepsToTheRulesUntilItIsWritableAgain(Binding binding) throws Exception {
        MountedVolume mounted = MountedVolume.open(directory, binding, false);
        Place place = new Place(mounted.root());
        try {
            ReadOnlyRules.prepare(place);
            int writer = place.opened("f", O_WRONLY);
            fails(EBUSY, ReadOnlyRules.remount(mounted.root(), true));
            place.close(writer);

            ok(ReadOnlyRules.remount(mounted.root(), true));
            expectAll(mounted.root());

            ok(ReadOnlyRules.remount(mounted.root(), false));
            place.file("new", "content");
            ok(place.unlink("f"));
            is(
                    List.of("d", "full", "l", "new", "null", "p"),
                    place.list("").stream().sorted().toList());
        } finally {
            place.closeAll();
            mounted.checkAndClose();
        }
    }

    private static void expectAll(Path root) throws Exception {
        for (ReadOnlyRules.Expectation expectation : ReadOnlyRules.expectations()) {
            Place place = new Place(root);
            try {
                expectation.check().run(place);
            } catch (AssertionError e) {
                throw new AssertionError(expectation.name() + ": " + e.getMessage(), e);
            } finally {
                place.closeAll();
            }
        }
    }
}
