package org.qsfs.metadata.zdb;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.qsfs.metadata.CatalogException;
import org.qsfs.metadata.Mutation;

/**
 * The value of a transaction record (format), big-endian; what of the last commit may not have reached its own names yet:
 *
 * <pre>
 * size
 *   2   number of changes, then each:
 *   1     1 put, 2 delete
 *   2     length of the key
 *   …     key, ASCII
 *   4     put only: length of the value
 *   …     value
 * </pre>
 */
final class Transactions {
    private static final int PUT = 1;
    private static final int DELETE = 2;

    private Transactions() {}

    static byte[] encode(List<Mutation> mutations) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeShort(mutations.size());
            for (Mutation mutation : mutations) {
                out.writeByte(mutation instanceof Mutation.Put ? PUT : DELETE);
                out.writeUTF(mutation.key());
                if (mutation instanceof Mutation.Put put) {
                    out.writeInt(put.value().length);
                    out.write(put.value());
                }
            }
        } catch (IOException inMemory) {
            throw new UncheckedIOException(inMemory);
        }
        return bytes.toByteArray();
    }

    /** The versions that a transaction record stands for, by key. */
    static Map<String, Version> versions(@Nullable Version record) {
        byte[] value = record == null ? null : record.value();
        if (record == null || value == null) {
            return Map.of();
        }
        Map<String, Version> versions = new LinkedHashMap<>();
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(value))) {
            int count = in.readUnsignedShort();
            for (int i = 0; i < count; i++) {
                int kind = in.readUnsignedByte();
                String key = in.readUTF();
                byte[] content = kind == PUT ? in.readNBytes(in.readInt()) : null;
                versions.put(key, new Version(key, record.epoch(), record.revision(), content));
            }
            return versions;
        } catch (IOException e) {
            throw new CatalogException.Corrupt("the last transaction of the catalog makes no sense", e);
        }
    }

    /** The same as mutations, to carry them out again. */
    static List<Version> list(Optional<Version> record) {
        return new ArrayList<>(versions(record.orElse(null)).values());
    }
}
