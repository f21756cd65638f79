package org.qsfs.cli.volume;

import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.qsfs.cli.admin.AdminReply;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.admin.Json;
import org.qsfs.cli.admin.Progress;
import org.qsfs.encryption.KeyFileRecipient;
import org.qsfs.encryption.PassphraseRecipient;
import org.qsfs.encryption.PublicKeyRecipient;
import org.qsfs.encryption.Recipient;
import org.qsfs.encryption.VolumeHeader;
import org.qsfs.encryption.VolumeKeys;
import org.qsfs.metadata.WriterLease;
import org.qsfs.stor.StorEngine;
import org.qsfs.stor.rekey.Reencryption;
import org.qsfs.stor.segment.RedundancyPolicy;
import org.qsfs.stor.volume.VolumeHeaders;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Who can unlock the open volume, and its master key versions. Every change makes a new generation of the volume header; only when that is in the catalog and on n − k + 1 backends are its keys used.
 * A change that could not be stored stays pending, and the next one builds on it: a generation is never made twice.
 *
 * <p>Thread-safe; one change at a time.
 */
public final class VolumeKeyring {
    private final VolumeHeaders headers;
    private final Supplier<RedundancyPolicy> policy;
    private final Supplier<WriterLease> lease;
    private final StorEngine engine;
    /** What the volume works with. */
    private final VolumeKeys keys;
    /** Recipients whose secret this machine mounts with. */
    private final Set<String> own;

    private VolumeHeader header;
    /** The keys of {@link #header}; the same as {@link #keys} unless a rotation is pending. */
    private VolumeKeys latest;

    VolumeKeyring(
            VolumeHeaders headers,
            Supplier<RedundancyPolicy> policy,
            Supplier<WriterLease> lease,
            StorEngine engine,
            VolumeHeader header,
            VolumeKeys keys,
            Set<String> own) {
        this.headers = headers;
        this.policy = policy;
        this.lease = lease;
        this.engine = engine;
        this.header = header;
        this.keys = keys;
        this.latest = keys;
        this.own = Set.copyOf(own);
    }

    /** Recipients, generation and key versions. */
    public synchronized AdminReply list() throws IOException {
        ObjectNode result = Json.object()
                .put("generation", header.generation())
                .put("current_version", keys.currentVersion())
                .put("commitment", header.commitment().text());
        ArrayNode recipients = result.putArray("recipients");
        for (Recipient recipient : header.recipients()) {
            recipients
                    .addObject()
                    .put("name", recipient.name())
                    .put("kind", kind(recipient))
                    .put("fingerprint", recipient.publicKey().fingerprint())
                    .put("this_machine", own.contains(recipient.name()));
        }
        ArrayNode versions = result.putArray("versions");
        for (int version : keys.versions()) {
            versions.addObject().put("version", version).put("segments", segments(version));
        }
        return AdminReply.done(result);
    }

    private long segments(int version) throws IOException {
        return engine.records().stream()
                .filter(record -> record.keyVersion() == version)
                .count();
    }

    /** Somebody more can unlock the volume. */
    public synchronized AdminReply add(Recipient recipient) throws IOException, InterruptedException, CommandFailure {
        store(change(() -> header.addRecipient(latest, recipient)));
        return list();
    }

    /**
     * Somebody less can unlock later generations.
     *
     * @param force whether to remove even the recipient that this machine mounts with
     */
    public synchronized AdminReply remove(String name, boolean force)
            throws IOException, InterruptedException, CommandFailure {
        if (own.contains(name) && !force) {
            throw new CommandFailure(
                    "\"" + name
                            + "\" is what this machine mounts the volume with; change its configuration to another secret first, or say --force");
        }
        store(change(() -> header.removeRecipient(latest, name)));
        return list();
    }

    /** From now on everything new is sealed under a new master key. */
    public synchronized AdminReply rotate() throws IOException, InterruptedException, CommandFailure {
        VolumeKeys rotated = latest.rotated();
        VolumeHeader next = change(() -> header.withKeys(rotated));
        if (latest != keys) {
            latest.close();
        }
        latest = rotated;
        store(next);
        return list();
    }

    /** Encrypts everything that is under older keys again. */
    public AdminReply reencrypt(Progress progress) throws IOException {
        Reencryption.Outcome outcome =
                engine.reencrypt((done, total) -> progress.report("re-encrypting", done, total, "segments"));
        return new AdminReply(
                Json.object().put("done", outcome.done()).put("left", outcome.left()),
                outcome.left() == 0 ? CommandFailure.DONE : CommandFailure.DEGRADED);
    }

    private void store(VolumeHeader next) throws IOException, InterruptedException {
        header = next;
        headers.store(next, policy.get(), lease.get());
        engine.header(next);
        if (latest != keys) {
            keys.adopt(latest);
            latest.close();
            latest = keys;
        }
    }

    private interface Change {
        VolumeHeader make();
    }

    private static VolumeHeader change(Change change) throws CommandFailure {
        try {
            return change.make();
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(Optional.ofNullable(e.getMessage()).orElse(e.toString()), e);
        }
    }

    private static String kind(Recipient recipient) {
        return switch (recipient) {
            case PassphraseRecipient passphrase -> "passphrase";
            case KeyFileRecipient keyFile -> "key file";
            case PublicKeyRecipient publicKey -> "public key";
        };
    }
}
