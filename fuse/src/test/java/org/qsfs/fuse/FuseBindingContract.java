package org.qsfs.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.qsfs.fs.FileSystem;

/** What every binding must do, over a filesystem in memory that can be looked into. */
abstract class FuseBindingContract extends MountContract {
    final MemoryFileSystem memory = new MemoryFileSystem();

    @Override
    FileSystem open(Path state) {
        return memory;
    }

    @Override
    void close() {
        assertThat(memory.forgottenTooOften()).isZero();
    }

    @Override
    int openHandles() {
        return memory.openHandles();
    }

    @Override
    boolean keepsNamelessInodes() {
        return memory.keepsNamelessInodes();
    }

    @Test
    void fsyncReachesTheFilesystem() throws IOException {
        long before = memory.fsyncs.get();
        try (FileChannel channel =
                FileChannel.open(directory.resolve("file"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.force(true);
            assertThat(memory.fsyncs.get()).isEqualTo(before + 1);
        }
        try (FileChannel channel = FileChannel.open(directory)) {
            channel.force(true);
        }
        assertThat(memory.fsyncs.get()).isEqualTo(before + 2);
    }

    @Test
    void aWorkerThatThrowsAnswersEioAndTheMountSurvives() throws Exception {
        for (int i = 0; i < 50; i++) {
            Path broken = directory.resolve(MemoryFileSystem.BROKEN + i);
            assertThatThrownBy(() -> Files.readAttributes(broken, "*"))
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageContaining("Input/output error");
        }
        Files.writeString(directory.resolve("whole"), "still here");
        assertThat(Files.readString(directory.resolve("whole"))).isEqualTo("still here");
    }
}
