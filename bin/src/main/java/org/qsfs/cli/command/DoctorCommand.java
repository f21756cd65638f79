package org.qsfs.cli.command;

import java.util.List;
import java.util.concurrent.Callable;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.doctor.Diagnosis;
import org.qsfs.cli.doctor.Examination;
import org.qsfs.cli.home.Home;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code qsfs doctor}. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = "Look at what qsfs needs of this machine and say what to do about what is missing.")
public final class DoctorCommand implements Callable<Integer> {
    private final Console console;
    private final Home home;

    @Mixin
    private final VolumeOptions volume = new VolumeOptions();

    DoctorCommand(Console console, Home home) {
        this.console = console;
        this.home = home;
    }

    @Override
    public Integer call() {
        List<Diagnosis> diagnoses = new Examination(home, volume.configFile(home)).run();
        for (Diagnosis diagnosis : diagnoses) {
            console.say(diagnosis.severity().label() + "  " + diagnosis.subject() + ": " + diagnosis.finding());
            if (!diagnosis.advice().isEmpty()) {
                console.say("        → " + diagnosis.advice());
            }
        }
        return diagnoses.stream().anyMatch(diagnosis -> diagnosis.severity() == Diagnosis.Severity.BAD)
                ? CommandFailure.FAILED
                : CommandFailure.DONE;
    }
}
