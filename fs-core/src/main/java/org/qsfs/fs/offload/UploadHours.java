package org.qsfs.fs.offload;

import java.time.DateTimeException;
import java.time.LocalTime;
import java.util.Optional;

/**
 * The part of a day in which segments are uploaded; it may reach over midnight. Written {@code 22:00-06:00}.
 *
 * @param from first moment
 * @param to first moment after; the same as {@code from} for the whole day
 */
public record UploadHours(LocalTime from, LocalTime to) {
    /** The whole day. */
    public static final UploadHours ALWAYS = new UploadHours(LocalTime.MIDNIGHT, LocalTime.MIDNIGHT);

    /** The hours with this text, empty when it is not one. */
    public static Optional<UploadHours> parse(String text) {
        String[] times = text.split("-", -1);
        try {
            return times.length == 2
                    ? Optional.of(new UploadHours(LocalTime.parse(times[0].strip()), LocalTime.parse(times[1].strip())))
                    : Optional.empty();
        } catch (DateTimeException notATime) {
            return Optional.empty();
        }
    }

    /** Whether a moment is in them. */
    public boolean contains(LocalTime now) {
        if (from.equals(to)) {
            return true;
        }
        return from.isBefore(to) ? !now.isBefore(from) && now.isBefore(to) : !now.isBefore(from) || now.isBefore(to);
    }

    @Override
    public String toString() {
        return from + "-" + to;
    }
}
