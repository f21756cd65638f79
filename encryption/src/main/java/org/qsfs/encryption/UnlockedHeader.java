package org.qsfs.encryption;

import java.util.List;

/**
 * A header that opened, and its keys.
 *
 * @param keys belong to the receiver, who closes them
 * @param refused copies of the same or a higher generation that did not open, and why: forged, or written after the
 *     secret's owner was removed. Worth a warning
 */
public record UnlockedHeader(VolumeHeader header, VolumeKeys keys, List<UnlockException> refused) {
    /** Copies the list. */
    public UnlockedHeader {
        refused = List.copyOf(refused);
    }
}
