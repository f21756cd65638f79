package org.qsfs.fs.offload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.qsfs.fs.offload.Terms.Term;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentNamespace;

@DisplayName("The terms of a volume")
class TermsTest {
    private final Terms terms = new Terms(List.of(new Term(1, 0, 0), new Term(4, 10, 3), new Term(5, 10, 5)));

    @Test
    @DisplayName("name the epoch of every segment number")
    void identify() {
        assertThat(terms.identify(SegmentNamespace.DATA, 0)).isEqualTo(SegmentId.data(1, 0));
        assertThat(terms.identify(SegmentNamespace.DATA, 9)).isEqualTo(SegmentId.data(1, 9));
        assertThat(terms.identify(SegmentNamespace.META, 3)).isEqualTo(SegmentId.meta(4, 3));
        assertThat(terms.identify(SegmentNamespace.META, 4)).isEqualTo(SegmentId.meta(4, 4));
    }

    @Test
    @DisplayName("give a number to the latest writer when an earlier one wrote nothing from there on")
    void identifyEmptyTerm() {
        assertThat(terms.identify(SegmentNamespace.DATA, 10)).isEqualTo(SegmentId.data(5, 10));
    }

    @Test
    @DisplayName("are found again in the ids of what is stored")
    void ofStored() {
        List<SegmentId> stored = List.of(
                SegmentId.data(1, 0),
                SegmentId.data(1, 7),
                SegmentId.meta(1, 1),
                SegmentId.meta(3, 2),
                SegmentId.data(6, 9));

        Terms found = Terms.ofStored(stored, new Term(7, 12, 4));

        assertThat(stored)
                .allSatisfy(id ->
                        assertThat(found.identify(id.namespace(), id.number())).isEqualTo(id));
        assertThat(found.current()).isEqualTo(new Term(7, 12, 4));
    }

    @Test
    @DisplayName("must follow each other")
    void order() {
        assertThatThrownBy(() -> terms.with(new Term(6, 9, 5))).hasMessageContaining("does not follow");
        assertThatThrownBy(() -> new Terms(List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThat(terms.with(new Term(5, 99, 99))).isEqualTo(terms);
    }
}
