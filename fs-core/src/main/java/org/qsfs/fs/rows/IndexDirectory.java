package org.qsfs.fs.rows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory of an index: the MVStore file {@code rows.mv} and the file {@code state}, which says whether it may be trusted.
 *
 * <pre>
 * state = one line of text: "qsfs-index 1 VOLUME-ID BOOT-ID open|clean\n"
 * </pre>
 *
 * While the index is open the state is {@code open}. MVStore's file is then only good as long as the page cache that it was written to lives, which is what the
 * boot id says.
 */
final class IndexDirectory {
    private static final Logger log = LoggerFactory.getLogger(IndexDirectory.class);
    private static final String FORMAT = "qsfs-index 1";

    private final RowStoreConfig config;
    private final Path rows;
    private final Path state;

    IndexDirectory(RowStoreConfig config) {
        this.config = config;
        this.rows = config.directory().resolve("rows.mv");
        this.state = config.directory().resolve("state");
    }

    /** The index as it was left when it can be trusted, else an empty one. */
    RowIndex open() throws IOException {
        Files.createDirectories(config.directory());
        String doubt = doubt();
        RowIndex index = null;
        if (doubt == null) {
            try {
                index = RowIndex.open(rows, config.cacheMegabytes());
            } catch (IndexDamagedException e) {
                doubt = String.valueOf(e.getMessage());
            }
        }
        writeState("open");
        if (index == null) {
            log.info("index in {} is built again: {}", config.directory(), doubt);
            index = create();
        }
        return index;
    }

    /** An empty index in place of whatever is there. */
    RowIndex create() throws IOException {
        Files.deleteIfExists(rows);
        return RowIndex.open(rows, config.cacheMegabytes());
    }

    /** The index was closed and everything in it is durable. */
    void closedCleanly() throws IOException {
        syncDirectory();
        writeState("clean");
    }

    private @Nullable String doubt() throws IOException {
        if (!Files.exists(rows)) {
            return "there is none";
        }
        String found;
        try {
            found = Files.readString(state, StandardCharsets.ISO_8859_1).strip();
        } catch (NoSuchFileException e) {
            return "its state file is missing";
        }
        String open = line("open");
        if (found.equals(open) || found.equals(line("clean"))) {
            return null;
        }
        if (found.startsWith(FORMAT + " " + config.volumeId() + " ")) {
            return found.endsWith(" clean") ? null : "it was not closed before the system was started again";
        }
        return "its state is '" + found + "', '" + open + "' expected";
    }

    private String line(String word) {
        return FORMAT + " " + config.volumeId() + " " + config.bootId() + " " + word;
    }

    private void writeState(String word) throws IOException {
        Path fresh = config.directory().resolve("state.new");
        try (FileChannel channel = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap((line(word) + "\n").getBytes(StandardCharsets.ISO_8859_1));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(fresh, state, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        syncDirectory();
    }

    private void syncDirectory() throws IOException {
        try (FileChannel directory = FileChannel.open(config.directory(), StandardOpenOption.READ)) {
            directory.force(true);
        }
    }
}
