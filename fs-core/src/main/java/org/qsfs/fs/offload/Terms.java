package org.qsfs.fs.offload;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentNamespace;

/**
 * Which writer filled which local segment: a term begins with an epoch's first segment numbers. Numbers only grow from term to term, so a number names one segment.
 * Immutable.
 *
 * @param list terms, oldest first; never empty
 */
public record Terms(List<Term> list) {
    /**
     * One writer's term.
     *
     * @param epoch its epoch, higher than the one before
     * @param firstData number of its first data segment
     * @param firstMeta number of its first journal segment
     */
    public record Term(long epoch, int firstData, int firstMeta) {
        int first(SegmentNamespace namespace) {
            return switch (namespace) {
                case DATA -> firstData;
                case META -> firstMeta;
                case OBJECT -> throw new IllegalArgumentException("a volume has no log of objects");
            };
        }
    }

    public Terms {
        list = List.copyOf(list);
        if (list.isEmpty()) {
            throw new IllegalArgumentException("a volume has at least one term");
        }
        for (int i = 1; i < list.size(); i++) {
            Term before = list.get(i - 1);
            Term after = list.get(i);
            if (after.epoch() <= before.epoch()
                    || after.firstData() < before.firstData()
                    || after.firstMeta() < before.firstMeta()) {
                throw new IllegalArgumentException("the term " + after + " does not follow " + before);
            }
        }
    }

    public static Terms of(Term first) {
        return new Terms(List.of(first));
    }

    /**
     * The terms in which stored segments were written, and a new one: what a machine knows that has the catalog only.
     *
     * @param stored segments of all earlier terms
     */
    public static Terms ofStored(Collection<SegmentId> stored, Term next) {
        Map<Long, Term> byEpoch = new TreeMap<>(Comparator.reverseOrder());
        for (SegmentId id : stored) {
            if (id.epoch() < next.epoch()) {
                byEpoch.merge(id.epoch(), lowest(id), Terms::lower);
            }
        }
        // an epoch that stored nothing of a namespace begins there where the next one does
        Term after = next;
        Deque<Term> all = new ArrayDeque<>(List.of(next));
        for (Term term : byEpoch.values()) {
            after = lower(term, new Term(term.epoch(), after.firstData(), after.firstMeta()));
            all.addFirst(after);
        }
        return new Terms(List.copyOf(all));
    }

    private static Term lowest(SegmentId id) {
        return switch (id.namespace()) {
            case DATA -> new Term(id.epoch(), id.number(), Integer.MAX_VALUE);
            case META -> new Term(id.epoch(), Integer.MAX_VALUE, id.number());
            case OBJECT -> throw new IllegalArgumentException("segment " + id + " is of no log of the volume");
        };
    }

    private static Term lower(Term a, Term b) {
        return new Term(a.epoch(), Math.min(a.firstData(), b.firstData()), Math.min(a.firstMeta(), b.firstMeta()));
    }

    public Term current() {
        return list.getLast();
    }

    /** These terms and a new one; the same terms when it has the current epoch. */
    public Terms with(Term next) {
        if (next.epoch() == current().epoch()) {
            return this;
        }
        List<Term> longer = new ArrayList<>(list);
        longer.add(next);
        return new Terms(longer);
    }

    /** The identity of a segment that this machine filled or took over. */
    public SegmentId identify(SegmentNamespace namespace, int number) {
        for (int i = list.size() - 1; i > 0; i--) {
            Term term = list.get(i);
            if (number >= term.first(namespace)) {
                return new SegmentId(term.epoch(), namespace, number);
            }
        }
        return new SegmentId(list.getFirst().epoch(), namespace, number);
    }
}
