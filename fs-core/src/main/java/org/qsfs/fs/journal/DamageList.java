package org.qsfs.fs.journal;

import java.util.ArrayList;
import java.util.List;
import org.qsfs.zdb.log.LogPosition;

/** Collects damage; a place counts once, and after many the rest is left out. */
final class DamageList {
    private static final int MOST = 1000;

    private final List<JournalDamage> places = new ArrayList<>();

    void add(LogPosition position, String what) {
        if (places.size() < MOST
                && places.stream().noneMatch(place -> place.position().equals(position))) {
            places.add(new JournalDamage(position, what));
        }
    }

    boolean isEmpty() {
        return places.isEmpty();
    }

    List<JournalDamage> places() {
        return List.copyOf(places);
    }
}
