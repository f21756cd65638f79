package org.qsfs.fs.journal;

import java.io.IOException;
import java.util.List;

/** The journal is damaged where it was durable, so the state of the volume cannot be known for sure. */
public final class JournalDamagedException extends IOException {
    private static final long serialVersionUID = 1L;
    private static final int SHOWN = 3;

    private final transient List<JournalDamage> damage;

    JournalDamagedException(String what, List<JournalDamage> damage) {
        super(what + ": " + damage.size() + " damaged places, " + shown(damage));
        this.damage = List.copyOf(damage);
    }

    private static String shown(List<JournalDamage> damage) {
        List<String> first =
                damage.stream().limit(SHOWN).map(JournalDamage::toString).toList();
        return String.join("; ", first) + (damage.size() > SHOWN ? "; …" : "");
    }

    /** What is damaged, in order of the journal. */
    public List<JournalDamage> damage() {
        return damage;
    }
}
