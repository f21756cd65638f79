package org.qsfs.cli.volume;

import java.io.IOException;
import java.time.Duration;
import org.qsfs.cli.admin.AdminReply;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.admin.Json;
import org.qsfs.cli.admin.Progress;
import org.qsfs.stor.StorEngine;
import org.qsfs.stor.check.CheckDepth;
import org.qsfs.stor.deletion.OrphanReport;
import org.qsfs.stor.scrub.ScrubReport;
import org.qsfs.stor.scrub.ScrubScope;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What commands have done about the stored segments of a mounted volume. Thread-safe. */
public final class StorageUpkeep {
    private final StorEngine engine;

    StorageUpkeep(StorEngine engine) {
        this.engine = engine;
    }

    /**
     * Looks at every shard and has the damaged ones repaired.
     *
     * @param subset {@code I/N}, or empty for everything
     * @param quick whether the backends compare their own checksums instead of sending every value
     */
    public AdminReply scrub(String subset, boolean quick, Progress progress) throws IOException, CommandFailure {
        ScrubScope scope = scope(subset, quick ? CheckDepth.CHECK : CheckDepth.READ);
        ScrubReport report =
                engine.scrub(scope, (done, total) -> progress.report("scrubbing", done, total, "segments"));
        ObjectNode result = Json.object()
                .put("depth", scope.depth().word())
                .put("segments", report.segments())
                .put("shards", report.shards())
                .put("values", report.values())
                .put("bytes", report.bytes())
                .put("damaged_shards", report.damagedShards())
                .put("unreachable_shards", report.unreachableShards())
                .put("repaired_segments", report.repairedSegments())
                .put("unrepaired_segments", report.unrepairedSegments());
        ArrayNode damaged = result.putArray("damaged");
        for (ScrubReport.Damaged one : report.damaged()) {
            damaged.addObject()
                    .put("segment", one.segment().toString())
                    .put("shard", one.shard())
                    .put("backend", one.backend().value())
                    .put("values", one.values());
        }
        boolean whole = report.unrepairedSegments() == 0 && report.unreachableShards() == 0;
        return new AdminReply(result, whole ? CommandFailure.DONE : CommandFailure.DEGRADED);
    }

    /**
     * Deletes shards that no record names.
     *
     * @param grace age below which nothing is touched
     * @param dryRun whether to tell only
     */
    public AdminReply gc(Duration grace, boolean dryRun, Progress progress) throws IOException {
        progress.report("listing the backends", 0, 0, "");
        OrphanReport report = engine.collectOrphans(grace, !dryRun);
        ObjectNode result = Json.object()
                .put("shards", report.shards())
                .put("values", report.values())
                .put("bytes", report.bytes())
                .put("deleted_shards", report.deleted())
                .put("young_shards", report.young())
                .put("later_shards", report.later())
                .put("unknown_shards", report.unknown());
        ArrayNode unreachable = result.putArray("unreachable");
        report.unreachable().forEach(failure -> unreachable.add(failure.toString()));
        return new AdminReply(result, report.unreachable().isEmpty() ? CommandFailure.DONE : CommandFailure.DEGRADED);
    }

    private static ScrubScope scope(String subset, CheckDepth depth) throws CommandFailure {
        if (subset.isEmpty()) {
            return ScrubScope.all(depth);
        }
        String[] parts = subset.split("/", -1);
        try {
            if (parts.length == 2) {
                return new ScrubScope(depth, Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
            }
        } catch (IllegalArgumentException e) {
            // said below
        }
        throw new CommandFailure(
                CommandFailure.USAGE,
                "--subset: found \"" + subset + "\", expected I/N with 1 <= I <= N, for instance 1/7");
    }
}
