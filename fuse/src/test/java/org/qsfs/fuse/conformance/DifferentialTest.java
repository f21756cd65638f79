package org.qsfs.fuse.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.opentest4j.TestAbortedException;
import org.qsfs.fuse.Binding;
import org.qsfs.fuse.conformance.Call.Kind;

/**
 * Random calls on a mount and in a directory of the host: each must answer the same, and the trees must be the same at the end. Mounts are evicted and mounted again in
 * between. A failing sequence is shrunk and printed with its seed.
 */
final class DifferentialTest {
    /** Of so many calls one evicts or mounts again, which takes longer than hundreds of others. */
    private static final int ONE_IN = 1_000;

    /** What libfuse 2 does not pass on. */
    private static final Set<Kind> NOT_ON_JNR = EnumSet.of(
            Kind.RENAME_NO_REPLACE,
            Kind.RENAME_EXCHANGE,
            Kind.RENAME_WHITEOUT,
            Kind.SET_ACCESS_LIST,
            Kind.SET_DEFAULT_LIST);

    private static final Map<Binding, StoredMount> MOUNTS = new EnumMap<>(Binding.class);
    private static Path directory;
    private static ExecutorService caller;
    private static int count;

    @BeforeContainer
    static void start() throws Exception {
        if (!Native.isSuperuser() || !Files.isWritable(Path.of("/dev/fuse"))) {
            throw new TestAbortedException("it needs root and /dev/fuse");
        }
        directory = Files.createTempDirectory("qsfs-differential");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createDirectory(directory.resolve("host"));
        caller = Executors.newSingleThreadExecutor();
        caller.submit(Native::unshare).get();
    }

    @AfterContainer
    static void stop() throws Exception {
        if (directory == null) {
            return;
        }
        caller.close();
        for (StoredMount mount : MOUNTS.values()) {
            mount.close();
        }
        delete(directory);
    }

    @Property(tries = 2_000, shrinking = ShrinkingMode.BOUNDED)
    void theKernelBindingDoesWhatTheHostDoes(@ForAll("calls") List<Call> calls) throws Exception {
        compare(Binding.KERNEL, calls);
    }

    @Property(tries = 300, shrinking = ShrinkingMode.BOUNDED)
    void theJnrBindingDoesWhatTheHostDoes(@ForAll("calls") List<Call> calls) throws Exception {
        compare(Binding.JNR, withoutWhatJnrCannot(calls));
    }

    @Property(tries = 4_000, shrinking = ShrinkingMode.BOUNDED)
    @Tag("long")
    void theKernelBindingDoesWhatTheHostDoesForLong(@ForAll("calls") List<Call> calls) throws Exception {
        compare(Binding.KERNEL, calls);
    }

    @Property(tries = 4_000, shrinking = ShrinkingMode.BOUNDED)
    @Tag("long")
    void theJnrBindingDoesWhatTheHostDoesForLong(@ForAll("calls") List<Call> calls) throws Exception {
        compare(Binding.JNR, withoutWhatJnrCannot(calls));
    }

    private static List<Call> withoutWhatJnrCannot(List<Call> calls) {
        return calls.stream().filter(call -> !NOT_ON_JNR.contains(call.kind())).toList();
    }

    @Provide
    Arbitrary<List<Call>> calls() {
        EnumSet<Kind> rare = EnumSet.of(Kind.REMOUNT, Kind.EVICT);
        Arbitrary<Kind> kind = Arbitraries.frequencyOf(
                Tuple.of(ONE_IN, Arbitraries.of(EnumSet.complementOf(rare))), Tuple.of(1, Arbitraries.of(rare)));
        Arbitrary<Integer> number = Arbitraries.integers().between(0, 9_999);
        return Combinators.combine(kind.withoutEdgeCases(), number, number, number)
                .as(Call::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(40);
    }

    private static void compare(Binding binding, List<Call> calls) throws Exception {
        try {
            caller.submit(() -> {
                        // the sequence before may have left another one, and a mount's directories are made below
                        new Place(directory).call("umask", 022);
                        compareHere(mount(binding), calls);
                        return null;
                    })
                    .get();
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause().getMessage(), e.getCause());
        }
    }

    private static StoredMount mount(Binding binding) throws Exception {
        StoredMount mount = MOUNTS.get(binding);
        if (mount == null) {
            mount = new StoredMount(Files.createDirectory(directory.resolve(binding.name())), binding);
            MOUNTS.put(binding, mount);
        }
        return mount;
    }

    private static void compareHere(StoredMount mount, List<Call> calls) throws Exception {
        String name = "sequence-" + count++;
        Path host = Files.createDirectory(directory.resolve("host").resolve(name));
        Path mounted = Files.createDirectory(mount.root().resolve(name));
        Actor here = new Actor(new Place(host));
        Actor there = new Actor(new Place(mounted));
        try {
            for (Path path : List.of(host, mounted)) {
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
            }
            for (Call call : calls) {
                if (call.kind() == Kind.REMOUNT) {
                    here.closeAll();
                    there.closeAll();
                    mount.remount();
                } else if (call.kind() == Kind.EVICT) {
                    mount.evict(there.inodes());
                }
                String expected = here.make(call);
                assertThat(there.make(call)).as(call.toString()).isEqualTo(expected);
            }
            assertThat(there.tree()).as("tree").isEqualTo(here.tree());
        } finally {
            here.closeAll();
            there.closeAll();
            delete(host);
            delete(mounted);
        }
    }

    private static void delete(Path root) throws Exception {
        try (Stream<Path> all = Files.walk(root)) {
            for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
