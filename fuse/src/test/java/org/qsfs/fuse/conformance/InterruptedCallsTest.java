package org.qsfs.fuse.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.qsfs.fuse.Binding;

/** Signals to processes that wait for a mount whose backends hang: neither a result nor an error ever comes from them. */
@DisplayName("Signals to waiting processes")
@Timeout(120)
class InterruptedCallsTest {
    private static final String EINTR = "error 4";

    @TempDir
    Path directory;

    /** Makes calls in a process of its own; SIGUSR1 is handled without SA_RESTART. */
    private static final String PRELUDE = "use POSIX; use Fcntl; use Time::HiRes 'ualarm'; $| = 1;"
            + " POSIX::sigaction(SIGUSR1, POSIX::SigAction->new(sub {}));"
            + " sub say_result { print defined $_[0] ? \"done $_[0]\\n\" : 'error ' . ($! + 0) . \"\\n\" } ";

    private static final String READ = "sysopen F, $ARGV[0], O_RDONLY | " + Place.O_DIRECT
            + " or die $!; print \"begins\\n\"; say_result(sysread F, $b, 4096);";

    /** In writes that are one request each: a longer one that is interrupted has written a part. */
    private static final String WRITE = "sysopen F, $ARGV[0], O_WRONLY | O_CREAT or die $!; print \"begins\\n\";"
            + " do { $r = syswrite F, 'x' x 131072 } while defined $r; say_result($r);";

    private static Process perl(String program, Path file) throws Exception {
        Process process = new ProcessBuilder("perl", "-e", PRELUDE + program, file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(process.inputReader().readLine()).isEqualTo("begins");
        return process;
    }

    private static String signalled(Process process) throws Exception {
        assertThat(Native.call(Native.User.ROOT, "kill", (int) process.pid(), 10))
                .as(() -> {
                    try {
                        return process.inputReader().readLine();
                    } catch (Exception e) {
                        return "x";
                    }
                })
                .isZero();
        BufferedReader said = process.inputReader();
        return said.readLine();
    }

    private static void assertDiesWhenKilled(Process process) throws Exception {
        process.destroyForcibly();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }

    /** A mount whose file {@code f} is on the backends only, and they hang. */
    private StoredMount hanging(Binding binding) throws Exception {
        StoredMount mount = new StoredMount(directory, binding);
        Path file = mount.root().resolve("f");
        byte[] content = new byte[8 << 20];
        Arrays.fill(content, (byte) 'x');
        Files.write(file, content);
        mount.evict(List.of((Long) Files.getAttribute(file, "unix:ino")));
        mount.backends().hold();
        return mount;
    }

    @ParameterizedTest
    @EnumSource(names = {"KERNEL", "JNR"})
    @DisplayName("a read that waits for a backend ends with EINTR, and the file is whole afterwards")
    void reading(Binding binding) throws Exception {
        StoredMount mount = hanging(binding);
        Path file = mount.root().resolve("f");
        for (int i = 1; i <= 3; i++) {
            Process process = perl(READ, file);
            mount.backends().awaitHeld(i);
            assertThat(signalled(process)).isEqualTo(EINTR);
        }
        mount.backends().letGo();
        Process process = perl(READ, file);
        assertThat(process.inputReader().readLine()).isEqualTo("done 4096");
        assertThat(Files.readString(file)).hasSize(8 << 20).matches("x+");
        mount.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"KERNEL", "JNR"})
    @DisplayName("a process that reads from a backend can be killed")
    void killed(Binding binding) throws Exception {
        StoredMount mount = hanging(binding);
        Process process = perl(READ, mount.root().resolve("f"));
        mount.backends().awaitHeld(1);
        assertDiesWhenKilled(process);
        mount.backends().letGo();
        mount.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"KERNEL", "JNR"})
    @DisplayName("a write that is held back ends with EINTR")
    void writing(Binding binding) throws Exception {
        StoredMount mount = new StoredMount(directory, binding, 1 << 20);
        mount.backends().hold();
        Process process = perl(WRITE, mount.root().resolve("f"));
        awaitHeldBack();
        assertThat(signalled(process)).isEqualTo(EINTR);
        mount.backends().letGo();
        mount.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"KERNEL", "JNR"})
    @DisplayName("a process whose write is held back can be killed")
    void killedWriting(Binding binding) throws Exception {
        StoredMount mount = new StoredMount(directory, binding, 1 << 20);
        mount.backends().hold();
        Process process = perl(WRITE, mount.root().resolve("f"));
        awaitHeldBack();
        assertDiesWhenKilled(process);
        mount.backends().letGo();
        mount.close();
    }

    /** Until a worker waits in the back-pressure. */
    private static void awaitHeldBack() {
        while (Thread.getAllStackTraces().values().stream().noneMatch(frames -> {
            String stack = Arrays.toString(frames);
            return stack.contains("BackPressure.reserve") && stack.contains("Interruption.park");
        })) {
            Thread.onSpinWait();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"KERNEL", "JNR"})
    @DisplayName("many signals disturb nothing that does not wait")
    void storm(Binding binding) throws Exception {
        StoredMount mount = new StoredMount(directory, binding);
        List<Process> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            all.add(perl(
                    "print \"begins\\n\"; POSIX::sigaction(SIGALRM, POSIX::SigAction->new(sub { $n++ })); ualarm 300, 300;"
                            + " for (1..1500) { $f = \"$ARGV[0]$_\"; sysopen F, $f, O_RDWR | O_CREAT or die \"open $!\";"
                            + " defined syswrite F, 'x' x 5000 or die \"write $!\"; sysseek F, 0, 0; 5000 == sysread F, $b, 5000 or die \"read $!\";"
                            + " close F or die \"close $!\"; rename $f, \"$f.n\" or die \"rename $!\"; -s \"$f.n\" == 5000 or die \"stat $!\";"
                            + " unlink \"$f.n\" or die \"unlink $!\" } ualarm 0; print $n > 100 ? \"whole\\n\" : \"few signals\\n\"",
                    mount.root().resolve("f" + i + "-")));
        }
        for (Process process : all) {
            assertThat(process.inputReader().readLine()).isEqualTo("whole");
        }
        // what was unlinked last may not be gone yet
        mount.remount();
        mount.close();
    }
}
