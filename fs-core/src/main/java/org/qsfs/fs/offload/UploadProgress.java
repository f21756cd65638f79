package org.qsfs.fs.offload;

import java.util.Optional;

/**
 * How far a flush is.
 *
 * @param segmentsLeft closed segments that are not stored
 * @param bytesLeft their bytes
 * @param published whether everything asked for is published
 * @param problem why it does not get on, empty when it does
 */
public record UploadProgress(int segmentsLeft, long bytesLeft, boolean published, Optional<String> problem) {}
