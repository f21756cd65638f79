package org.qsfs.fs.offload;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.fs.offload.Publisher.Link;
import org.qsfs.stor.segment.Head;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.Sha256;

@DisplayName("The publisher")
class PublisherTest {
    @TempDir
    Path directory;

    private final MemorySegmentStore store = new MemorySegmentStore();
    private final Terms terms = Terms.of(new Terms.Term(3, 0, 0));

    private Publisher publisher() {
        return new Publisher(store, terms, store.head(), Clock.systemUTC());
    }

    private Link link(int number, Integer... needs) {
        return linkAfter(number - 1, number, needs);
    }

    private Link linkAfter(int predecessor, int number, Integer... needs) {
        return new Link(
                SegmentId.meta(3, number),
                Sha256.digest(new byte[] {(byte) number}),
                predecessor,
                List.of(needs),
                Optional.empty());
    }

    private void stored(SegmentId id) throws IOException {
        Path file = directory.resolve("segment");
        Files.write(file, new byte[] {1});
        store.store(id, file);
    }

    @Test
    @DisplayName("publishes a journal segment only when it and all it needs are stored")
    void needs() throws IOException {
        Publisher publisher = publisher();
        publisher.closed(link(0, 0, 1));
        stored(SegmentId.meta(3, 0));
        stored(SegmentId.data(3, 1));
        publisher.advance();
        assertThat(publisher.lastPublished()).isEqualTo(-1);

        stored(SegmentId.data(3, 0));
        publisher.advance();
        assertThat(publisher.lastPublished()).isZero();
        assertThat(store.head().orElseThrow().head().lastMetaHash()).isEqualTo(link(0).hash());
    }

    @Test
    @DisplayName("publishes in order, whatever was stored first, and goes on where an earlier run stopped")
    void order() throws IOException {
        Publisher first = publisher();
        first.closed(link(2));
        first.closed(link(0));
        first.closed(link(1));
        stored(SegmentId.meta(3, 1));
        stored(SegmentId.meta(3, 2));
        first.advance();
        assertThat(first.lastPublished()).isEqualTo(-1);
        stored(SegmentId.meta(3, 0));
        first.advance();
        assertThat(first.lastPublished()).isEqualTo(2);

        Publisher second = publisher();
        second.closed(link(2));
        second.closed(linkAfter(2, 5));
        stored(SegmentId.meta(3, 5));
        second.advance();
        assertThat(second.lastPublished()).isEqualTo(5);
    }

    @Test
    @DisplayName("stops for good when another writer has published")
    void fork() throws IOException {
        Publisher ours = publisher();
        stored(SegmentId.meta(3, 0));
        ours.closed(link(0));
        Head other = new Head(4, SegmentId.meta(4, 9), Sha256.digest(new byte[0]), Optional.empty(), Instant.EPOCH);
        assertThat(store.publishHead(Optional.empty(), other)).isTrue();

        ours.advance();
        assertThat(ours.failure()).contains("another writer");
        ours.advance();
        assertThat(store.head().orElseThrow().head()).isEqualTo(other);
    }

    @Test
    @DisplayName("takes its own head for its own when the answer of the catalog was lost")
    void lostAnswer() throws IOException {
        Publisher publisher = publisher();
        stored(SegmentId.meta(3, 0));
        publisher.closed(link(0));
        Head ours = new Head(3, SegmentId.meta(3, 0), link(0).hash(), Optional.empty(), Instant.EPOCH);
        assertThat(store.publishHead(Optional.empty(), ours)).isTrue();

        publisher.advance();
        assertThat(publisher.failure()).isNull();
        assertThat(publisher.lastPublished()).isZero();
    }

    @Test
    @DisplayName("does not jump over a segment that it was not told of yet")
    void gap() throws IOException {
        Publisher publisher = publisher();
        stored(SegmentId.meta(3, 0));
        stored(SegmentId.meta(3, 1));
        publisher.closed(link(1));
        publisher.advance();
        assertThat(publisher.lastPublished()).isEqualTo(-1);
        publisher.closed(link(0));
        publisher.advance();
        assertThat(publisher.lastPublished()).isEqualTo(1);
    }

    @Test
    @DisplayName("tells why it cannot publish and goes on when it can")
    void unreachable() throws IOException {
        Publisher publisher = publisher();
        stored(SegmentId.meta(3, 0));
        publisher.closed(link(0));
        store.reachable(false);
        publisher.advance();
        assertThat(publisher.failure()).contains("unreachable");
        store.reachable(true);
        publisher.advance();
        assertThat(publisher.failure()).isNull();
        assertThat(publisher.lastPublished()).isZero();
    }
}
