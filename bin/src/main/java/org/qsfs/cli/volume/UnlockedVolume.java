package org.qsfs.cli.volume;

import org.qsfs.cli.config.Config;
import org.qsfs.encryption.VolumeHeader;
import org.qsfs.encryption.VolumeKeys;

/**
 * A volume whose keys are known.
 *
 * @param keys belong to the holder, who closes them
 */
public record UnlockedVolume(VolumeHeader header, VolumeKeys keys) {
    /** What a configuration should pin. */
    public Config.Identity identity() {
        return new Config.Identity(header.volume(), header.commitment());
    }
}
