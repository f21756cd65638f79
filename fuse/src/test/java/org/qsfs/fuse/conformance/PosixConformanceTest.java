package org.qsfs.fuse.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.fuse.Binding;
import org.qsfs.fuse.conformance.Rule.Ability;

/**
 * The rules on a directory of the host and on the product's filesystem by each binding. A rule that a mount breaks is a failure where the host obeys it or the product
 * promises it. All calls are made by one thread with a umask of its own.
 */
@DisplayName("POSIX rules")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PosixConformanceTest {
    private static final long LIMIT_SECONDS = 30;
    private static final Set<Ability> WRITEBACK_CANNOT = Set.of(Ability.OWN_TIMES, Ability.OWN_WRITES);

    private final List<Rule> rules = PosixRules.all();
    private final Map<String, @Nullable Throwable> onHost = new HashMap<>();
    private ExecutorService caller;
    private Path directory;

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        Assumptions.assumeTrue(Native.isSuperuser(), "only root can make calls as several users");
        directory = temporary;
        Files.setPosixFilePermissions(directory, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
        caller = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("rules").factory());
        caller.submit(Native::unshare).get();
    }

    @AfterAll
    void stop() {
        if (caller != null) {
            caller.close();
        }
    }

    @TestFactory
    @DisplayName("on the host")
    Stream<DynamicTest> onTheHost() throws Exception {
        assertThat(rules.stream().map(Rule::name)).doesNotHaveDuplicates();
        Path host = Files.createDirectory(directory.resolve("host"));
        for (Rule rule : rules) {
            onHost.put(rule.name(), failure(rule, host));
        }
        return rules.stream()
                .map(rule -> DynamicTest.dynamicTest(rule.name(), () -> {
                    Throwable failure = onHost.get(rule.name());
                    Assumptions.assumeTrue(failure == null, () -> "the host differs: " + failure);
                }));
    }

    @TestFactory
    @DisplayName("on mounts")
    Stream<DynamicNode> onMounts() {
        return Stream.of(
                on("kernel", Binding.KERNEL, false, Set.of()),
                on("kernel with writeback cache", Binding.KERNEL, true, WRITEBACK_CANNOT),
                on("jnr", Binding.JNR, false, EnumSet.complementOf(EnumSet.copyOf(WRITEBACK_CANNOT))));
    }

    private DynamicContainer on(String name, Binding binding, boolean writeback, Set<Ability> missing) {
        MountedVolume[] mounted = new MountedVolume[1];
        Stream<DynamicTest> mount = Stream.of(DynamicTest.dynamicTest("mounts", () -> {
            mounted[0] = MountedVolume.open(Files.createDirectory(directory.resolve(name)), binding, writeback);
        }));
        Stream<DynamicTest> all = rules.stream()
                .map(rule -> DynamicTest.dynamicTest(rule.name(), () -> {
                    Assumptions.assumeTrue(mounted[0] != null, "not mounted");
                    Assumptions.assumeTrue(rule.needs().stream().noneMatch(missing::contains), "this binding cannot");
                    Throwable failure = failure(rule, mounted[0].root());
                    if (failure != null) {
                        Assumptions.assumeTrue(
                                rule.promised() || onHost.get(rule.name()) == null,
                                "the host's filesystem does not either");
                        throw new AssertionError(failure.getMessage(), failure);
                    }
                }));
        Stream<DynamicTest> unmount = Stream.of(DynamicTest.dynamicTest("is consistent and unmounts", () -> {
            Assumptions.assumeTrue(mounted[0] != null, "not mounted");
            mounted[0].checkAndClose();
        }));
        return DynamicContainer.dynamicContainer(name, Stream.concat(Stream.concat(mount, all), unmount));
    }

    /** Why the rule is broken there, or null. */
    private @Nullable Throwable failure(Rule rule, Path root) throws Exception {
        Path own = Files.createTempDirectory(root, "rule");
        Files.setPosixFilePermissions(own, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
        Future<?> run = caller.submit(() -> {
            Place place = new Place(own);
            try {
                place.call("umask", 0);
                rule.check().run(place);
            } finally {
                place.call("umask", 022);
                place.closeAll();
            }
            return null;
        });
        try {
            run.get(LIMIT_SECONDS, TimeUnit.SECONDS);
            return null;
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }
}
