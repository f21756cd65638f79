package org.qsfs.fs.rows;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Changes a closed index as a crash could have left it. */
public final class IndexTampering {
    private IndexTampering() {}

    /** The index holds a part of what follows its mark, up to another one. */
    public static void beganToApply(Path directory, Row part, byte[] ceiling) throws IOException {
        RowIndex index = RowIndex.open(directory.resolve("rows.mv"), 1);
        index.ceiling(ceiling);
        index.apply(List.of(part));
        index.close();
    }

    /** The mark of the index. */
    public static byte[] mark(Path directory) throws IOException {
        RowIndex index = RowIndex.open(directory.resolve("rows.mv"), 1);
        try {
            return index.mark();
        } finally {
            index.close();
        }
    }
}
