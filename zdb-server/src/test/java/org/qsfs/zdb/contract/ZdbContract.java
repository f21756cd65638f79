package org.qsfs.zdb.contract;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.qsfs.zdb.contract.Space.Answer;
import org.qsfs.zdb.contract.Space.Answer.Plain;
import org.qsfs.zdb.contract.Space.Answer.Refused;
import org.qsfs.zdb.contract.Space.Found;
import org.qsfs.zdb.contract.Space.Property;

/** What a namespace does. A test that needs a defect of 0-db to be away names it and is left out with 0-db itself. */
@Timeout(120)
abstract class ZdbContract {
    private static final int LARGEST = 8 << 20;

    private final List<Space> opened = new ArrayList<>();

    /** Opens a namespace, creating it when there is none. */
    abstract Space open(String name) throws IOException;

    /** Removes a namespace that {@link #open} gave. */
    abstract void remove(Space space) throws IOException;

    /** Whether it is 0-db, with the weaknesses that ZDB.md lists. */
    boolean isOriginal() throws IOException {
        return false;
    }

    /** Stops what {@link #open} needs; called when the namespaces are gone. */
    void stop() throws IOException {}

    @AfterEach
    final void removeAll() throws IOException {
        for (Space space : opened) {
            remove(space);
            space.close();
        }
        stop();
    }

    private Space space() throws IOException {
        Space space = open("contract-" + UUID.randomUUID());
        opened.add(space);
        return space;
    }

    private Space sequential() throws IOException {
        Space space = space();
        assertThat(space.set(Property.MODE, "seq")).isEqualTo(Plain.DONE);
        return space;
    }

    private void notWithZdb(String weakness) throws IOException {
        assumeFalse(isOriginal(), () -> "a defect of 0-db: " + weakness);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }

    private static Answer answer(String text) {
        return new Answer.Bytes(bytes(text));
    }

    private static byte[] id(long number) {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(number)
                .array();
    }

    private static byte[] random(int seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static List<String> keys(List<Found> found) {
        return found.stream().map(Found::key).toList();
    }

    @Test
    void aKeyHasTheValueThatItWasGivenLast() throws IOException {
        Space space = space();
        byte[] key = bytes("key");
        assertThat(space.get(key)).isEqualTo(Plain.NONE);
        assertThat(space.exists(key)).isFalse();
        assertThat(space.length(key)).isEqualTo(-1);
        assertThat(space.check(key)).isEqualTo(-2);
        assertThat(space.set(key, bytes("one"))).isEqualTo(answer("key"));
        assertThat(space.get(key)).isEqualTo(answer("one"));
        assertThat(space.set(key, bytes("another"))).isEqualTo(answer("key"));
        assertThat(space.get(key)).isEqualTo(answer("another"));
        assertThat(space.exists(key)).isTrue();
        assertThat(space.length(key)).isEqualTo(7);
        assertThat(space.check(key)).isEqualTo(1);
        assertThat(space.entries()).isEqualTo(1);
        assertThat(space.dataBytes()).isEqualTo(7);
    }

    @Test
    void anUnchangedValueIsNotWritten() throws IOException {
        Space space = space();
        space.set(bytes("k"), bytes("v"));
        assertThat(space.set(bytes("k"), bytes("v"))).isEqualTo(Plain.NONE);
        assertThat(space.history(bytes("k"))).hasSize(1);
    }

    @Test
    void aDeletedKeyIsGoneUntilItIsSetAgain() throws IOException {
        Space space = space();
        byte[] key = bytes("key");
        assertThat(space.delete(key)).isEqualTo(Refused.NOT_FOUND);
        space.set(key, bytes("value"));
        assertThat(space.delete(key)).isEqualTo(Plain.DONE);
        assertThat(space.get(key)).isEqualTo(Plain.NONE);
        assertThat(space.delete(key)).isEqualTo(Refused.NOT_FOUND);
        assertThat(space.entries()).isZero();
        assertThat(space.dataBytes()).isZero();
        assertThat(space.set(key, bytes("value"))).isEqualTo(answer("key"));
        assertThat(space.get(key)).isEqualTo(answer("value"));
    }

    @Test
    void anyBytesOfAnyLengthAreKept() throws IOException {
        Space space = space();
        byte[] longest = random(1, 255);
        for (int length : new int[] {0, 1, 8191, 8192, 16_384, 16_385, 65_536, 1 << 20, LARGEST}) {
            byte[] value = random(length, length);
            assertThat(space.set(longest, value)).isEqualTo(new Answer.Bytes(longest));
            assertThat(space.get(longest)).isEqualTo(new Answer.Bytes(value));
            assertThat(space.length(longest)).isEqualTo(length);
        }
        assertThat(space.set(new byte[] {0}, new byte[] {'\r', '\n', 0})).isEqualTo(new Answer.Bytes(new byte[] {0}));
        assertThat(space.get(new byte[] {0})).isEqualTo(new Answer.Bytes(new byte[] {'\r', '\n', 0}));
    }

    @Test
    void aUserKeyIsNeeded() throws IOException {
        assertThat(space().set(new byte[0], bytes("v"))).isEqualTo(Refused.KEY_NEEDED);
    }

    @Test
    void numbersCountFromZeroAndAnUpdateUsesOneUp() throws IOException {
        Space space = sequential();
        for (long i = 0; i < 3; i++) {
            assertThat(space.set(new byte[0], id(i))).isEqualTo(new Answer.Bytes(id(i)));
        }
        assertThat(space.set(id(1), bytes("changed"))).isEqualTo(new Answer.Bytes(id(1)));
        assertThat(space.set(new byte[0], bytes("next"))).isEqualTo(new Answer.Bytes(id(4)));
        assertThat(space.get(id(1))).isEqualTo(answer("changed"));
        assertThat(space.get(id(3))).isEqualTo(Plain.NONE);
        assertThat(space.get(id(4))).isEqualTo(answer("next"));
        assertThat(space.entries()).isEqualTo(4);
    }

    @Test
    void onlyNumbersThatLiveCanBeUpdated() throws IOException {
        Space space = sequential();
        space.set(new byte[0], bytes("v"));
        assertThat(space.set(id(1), bytes("x"))).isEqualTo(Refused.UPDATE_ONLY);
        assertThat(space.set(bytes("short"), bytes("x"))).isEqualTo(Refused.UPDATE_ONLY);
        assertThat(space.delete(id(0))).isEqualTo(Plain.DONE);
        assertThat(space.set(id(0), bytes("x"))).isEqualTo(Refused.UPDATE_ONLY);
        assertThat(space.get(id(0))).isEqualTo(Plain.NONE);
        assertThat(space.set(new byte[0], bytes("w"))).isEqualTo(new Answer.Bytes(id(1)));
    }

    @Test
    void aScanSeesEveryLiveKeyOnceInOrderOfItsLastWrite() throws IOException {
        Space space = space();
        for (String key : List.of("a", "b", "c", "d")) {
            space.set(bytes(key), bytes("1"));
        }
        space.set(bytes("b"), bytes("22"));
        space.delete(bytes("c"));
        assertThat(space.scan(false)).containsExactly(new Found("a", 1), new Found("d", 1), new Found("b", 2));
        assertThat(keys(space.scan(true))).containsExactly("b", "d", "a");
        assertThat(keys(space.scanBehind(bytes("a")))).containsExactly("d", "b");
        assertThat(space.scanBehind(bytes("b"))).isEmpty();
    }

    @Test
    void aScanOfNothingEndsAtOnce() throws IOException {
        assertThat(space().scan(false)).isEmpty();
        assertThat(space().scan(true)).isEmpty();
    }

    @Test
    void aScanGoesThroughAllFiles() throws IOException {
        Space space = space();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 2500; i++) {
            String key = "key" + i;
            space.set(bytes(key), new byte[i % 10]);
            expected.add(key);
            if (i % 600 == 599) {
                space.jump();
            }
        }
        assertThat(keys(space.scan(false))).isEqualTo(expected);
        assertThat(keys(space.scan(true))).isEqualTo(expected.reversed());
    }

    @Test
    @DisplayName("W7: a backward scan goes on behind a file without records")
    void aBackwardScanGoesOnBehindAnEmptyFile() throws IOException {
        notWithZdb("W7");
        Space space = space();
        space.set(bytes("a"), bytes("1"));
        space.jump();
        space.jump();
        assertThat(keys(space.scan(true))).containsExactly("a");
        space.set(bytes("b"), bytes("1"));
        assertThat(keys(space.scan(true))).containsExactly("b", "a");
    }

    @Test
    void theHistoryHasEveryVersionOfAKey() throws IOException {
        Space space = space();
        for (String value : List.of("one", "two", "three")) {
            space.set(bytes("k"), bytes(value));
            space.set(bytes("other"), bytes("not " + value));
        }
        assertThat(space.history(bytes("k"))).containsExactly(bytes("three"), bytes("two"), bytes("one"));
        space.delete(bytes("k"));
        assertThat(space.history(bytes("k"))).isEmpty();
        space.set(bytes("k"), bytes("again"));
        assertThat(space.history(bytes("k"))).containsExactly(bytes("again"));
    }

    @Test
    @DisplayName("W6: the history reads each version from its own file")
    void theHistoryGoesThroughAllFiles() throws IOException {
        notWithZdb("W6");
        Space space = space();
        space.set(bytes("other"), bytes("x"));
        space.jump();
        for (String value : List.of("one", "two", "three")) {
            space.set(bytes("k"), bytes(value));
            space.jump();
        }
        assertThat(space.history(bytes("k"))).containsExactly(bytes("three"), bytes("two"), bytes("one"));
    }

    @Test
    void everythingSurvivesJumpsAndReloads() throws IOException {
        Space space = space();
        Map<String, String> expected = fill(space);
        space.reload();
        assertHolds(space, expected);
        assertThat(space.set(bytes("key0"), bytes("last"))).isEqualTo(answer("key0"));
        space.reload();
        assertThat(space.get(bytes("key0"))).isEqualTo(answer("last"));
    }

    private static Map<String, String> fill(Space space) throws IOException {
        Map<String, String> expected = new HashMap<>();
        Random random = new Random(7);
        for (int i = 0; i < 300; i++) {
            String key = "key" + random.nextInt(50);
            if (random.nextInt(5) == 0) {
                space.delete(bytes(key));
                expected.remove(key);
            } else {
                space.set(bytes(key), bytes("value " + i));
                expected.put(key, "value " + i);
            }
            if (i % 100 == 99) {
                space.jump();
            }
        }
        return expected;
    }

    private static void assertHolds(Space space, Map<String, String> expected) throws IOException {
        assertThat(space.entries()).isEqualTo(expected.size());
        for (int i = 0; i < 50; i++) {
            String value = expected.get("key" + i);
            assertThat(space.get(bytes("key" + i))).isEqualTo(value == null ? Plain.NONE : answer(value));
        }
        assertThat(keys(space.scan(false))).containsExactlyInAnyOrderElementsOf(expected.keySet());
    }

    @Test
    void numbersSurviveJumpsAndReloads() throws IOException {
        Space space = sequential();
        for (int i = 0; i < 10; i++) {
            space.set(new byte[0], bytes("v" + i));
            if (i % 4 == 3) {
                space.jump();
            }
        }
        space.set(id(2), bytes("changed"));
        space.delete(id(5));
        space.reload();
        assertThat(space.get(id(2))).isEqualTo(answer("changed"));
        assertThat(space.get(id(5))).isEqualTo(Plain.NONE);
        assertThat(space.get(id(9))).isEqualTo(answer("v9"));
        assertThat(space.set(new byte[0], bytes("next"))).isEqualTo(new Answer.Bytes(id(11)));
        assertThat(space.entries()).isEqualTo(10);
        assertThat(space.history(id(2))).containsExactly(bytes("changed"), bytes("v2"));
    }

    @Test
    @DisplayName("W5: numbers given after a start with an empty file can be read")
    void numbersGoOnAfterAReloadWithAnEmptyFile() throws IOException {
        notWithZdb("W5");
        Space space = sequential();
        space.set(new byte[0], bytes("a"));
        space.jump();
        space.reload();
        assertThat(space.set(new byte[0], bytes("b"))).isEqualTo(new Answer.Bytes(id(1)));
        assertThat(space.get(id(1))).isEqualTo(answer("b"));
        assertThat(space.get(id((1L << 32) + 1))).isEqualTo(Plain.NONE);
    }

    @Test
    void aLimitCountsLiveValues() throws IOException {
        Space space = space();
        assertThat(space.set(Property.MAXSIZE, "100")).isEqualTo(Plain.DONE);
        assertThat(space.set(bytes("a"), new byte[60])).isEqualTo(answer("a"));
        assertThat(space.set(bytes("b"), new byte[41])).isEqualTo(Refused.NO_SPACE);
        assertThat(space.set(bytes("b"), new byte[40])).isEqualTo(answer("b"));
        assertThat(space.set(bytes("a"), new byte[61])).isEqualTo(Refused.NO_SPACE);
        assertThat(space.set(bytes("a"), new byte[10])).isEqualTo(answer("a"));
        assertThat(space.set(bytes("c"), new byte[50])).isEqualTo(answer("c"));
        space.delete(bytes("b"));
        assertThat(space.set(bytes("d"), new byte[40])).isEqualTo(answer("d"));
        assertThat(space.dataBytes()).isEqualTo(100);
    }

    @Test
    void aLockedNamespaceIsReadAndAFrozenOneIsNot() throws IOException {
        Space space = space();
        space.set(bytes("k"), bytes("v"));
        space.set(Property.LOCK, "1");
        assertThat(space.set(bytes("k"), bytes("w"))).isEqualTo(Refused.LOCKED);
        assertThat(space.delete(bytes("k"))).isEqualTo(Refused.LOCKED);
        assertThat(space.get(bytes("k"))).isEqualTo(answer("v"));
        space.set(Property.FREEZE, "1");
        assertThat(space.set(bytes("k"), bytes("w"))).isEqualTo(Refused.FROZEN);
        space.set(Property.FREEZE, "0");
        assertThat(space.set(bytes("k"), bytes("w"))).isEqualTo(answer("k"));
    }

    @Test
    void aWormNamespaceKeepsWhatItHas() throws IOException {
        Space space = space();
        space.set(Property.WORM, "1");
        assertThat(space.set(bytes("k"), bytes("v"))).isEqualTo(answer("k"));
        assertThat(space.set(bytes("k"), bytes("w"))).isEqualTo(Refused.WORM);
        assertThat(space.delete(bytes("k"))).isEqualTo(Refused.WORM);
        assertThat(space.get(bytes("k"))).isEqualTo(answer("v"));
    }

    @Test
    void theModeIsChosenBeforeTheFirstEntry() throws IOException {
        Space space = space();
        assertThat(space.set(Property.MODE, "seq")).isEqualTo(Plain.DONE);
        assertThat(space.set(Property.MODE, "user")).isEqualTo(Plain.DONE);
        space.set(bytes("k"), bytes("v"));
        assertThat(space.set(Property.MODE, "seq")).isEqualTo(Refused.MODE_IN_USE);
    }

    @Test
    void namespacesDoNotSeeEachOther() throws IOException {
        Space one = space();
        Space other = space();
        one.set(bytes("k"), bytes("1"));
        other.set(bytes("k"), bytes("2"));
        assertThat(one.get(bytes("k"))).isEqualTo(answer("1"));
        other.delete(bytes("k"));
        assertThat(one.get(bytes("k"))).isEqualTo(answer("1"));
        assertThat(other.entries()).isZero();
    }

    @Test
    void manyUsersAtOnceFindTheirOwnWrites() throws Exception {
        Space space = space();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> users = new ArrayList<>();
            for (int u = 0; u < 8; u++) {
                int user = u;
                users.add(threads.submit(() -> {
                    try (Space own = space.another()) {
                        for (int i = 0; i < 100; i++) {
                            byte[] key = bytes("user " + user + " key " + i % 20);
                            byte[] value = random(user * 1000 + i, 1 + i * 50);
                            assertThat(own.set(key, value)).isEqualTo(new Answer.Bytes(key));
                            assertThat(own.get(key)).isEqualTo(new Answer.Bytes(value));
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> user : users) {
                user.get(100, TimeUnit.SECONDS);
            }
        }
        assertThat(space.entries()).isEqualTo(160);
    }
}
