package org.qsfs.stor.backend;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.qsfs.stor.segment.ShardKeys;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.stripe.ShardHeader;
import org.qsfs.stor.stripe.ShardName;
import org.qsfs.zdb.client.SequentialKey;
import org.qsfs.zdb.client.ZdbClient;
import org.qsfs.zdb.client.ZdbException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A sequential namespace: every value under the id that the server gave, what has a reserved key elsewhere on its {@link FrontPage}. */
final class SequentialKeys implements KeyScheme {
    private static final Logger LOG = LoggerFactory.getLogger(SequentialKeys.class);

    private final long incarnation;
    private final long pageId;
    /** Ids below were given before now. */
    private final AtomicLong given;

    private volatile boolean lost;

    /**
     * @param page its front page
     * @param next an id that the server has not given yet, or any lower one
     */
    SequentialKeys(FrontPage.Found page, long next) {
        this.incarnation = page.page().incarnation();
        this.pageId = page.id();
        this.given = new AtomicLong(Math.max(page.id() + 1, next));
    }

    long incarnation() {
        return incarnation;
    }

    @Override
    public Optional<byte[]> find(ShardName name, ShardKeys keys) {
        return keys instanceof ShardKeys.Sequential ids && isOf(ids)
                ? ids.id(name.stripe()).stream().mapToObj(SequentialKey::of).findFirst()
                : Optional.empty();
    }

    @Override
    public ShardKeys begin(ShardKeys before) {
        return isOf(before) ? before : new ShardKeys.Sequential(incarnation, List.of());
    }

    @Override
    public boolean isOf(ShardKeys keys) {
        return keys instanceof ShardKeys.Sequential ids && ids.incarnation() == incarnation;
    }

    @Override
    public OptionalLong write(ZdbClient client, ShardName name, OptionalLong known, byte[] value) {
        if (known.isPresent()) {
            byte[] key = SequentialKey.of(known.getAsLong());
            if (mayReplace(client, key, name)) {
                client.set(key, value);
                return known;
            }
        }
        return OptionalLong.of(append(client, value));
    }

    /** Whether what is under a key is the value of that name, damaged or not; another one is never written over, whatever the records say. */
    private static boolean mayReplace(ZdbClient client, byte[] key, ShardName name) {
        try {
            Optional<byte[]> there = client.get(key);
            return there.isPresent()
                    && ShardHeader.nameOf(there.get())
                            .filter(found -> !found.equals(name))
                            .isEmpty();
        } catch (ZdbException.Unreadable rotten) {
            return true;
        }
    }

    private long append(ZdbClient client, byte[] value) {
        long before = given.get();
        long id = client.append(value);
        if (id > ShardKeys.Sequential.MAX_ID) {
            throw new ZdbException.Unreachable(client.endpoint() + " gave id " + id + ", which makes no sense", null);
        }
        if (id < before) {
            lost = true;
            remove(client, id);
            throw new ZdbException.Unreachable(
                    client.endpoint() + " gave id " + id + ", but it had given all up to " + (before - 1)
                            + " before, so it was emptied; it is looked at again before it is used",
                    null);
        }
        given.accumulateAndGet(id + 1, Math::max);
        return id;
    }

    /** Takes back what was written to the wrong namespace. */
    private static void remove(ZdbClient client, long id) {
        try {
            client.delete(SequentialKey.of(id));
        } catch (ZdbException failed) {
            LOG.warn(
                    "the value {} that was written to {} by mistake stays there: {}",
                    id,
                    client.endpoint(),
                    failed.getMessage());
        }
    }

    @Override
    public Optional<byte[]> readReserved(ZdbClient client, byte[] key) {
        return page(client).flatMap(page -> page.value(key));
    }

    @Override
    public synchronized void writeReserved(ZdbClient client, byte[] key, byte[] value) {
        Optional<FrontPage> before = page(client);
        if (before.isEmpty()) {
            throw new ZdbException.Unreachable(
                    client.endpoint() + " has lost its first value; it is looked at again before it is used", null);
        }
        client.set(SequentialKey.of(pageId), before.get().with(key, value).encode());
    }

    @Override
    public boolean isLost() {
        return lost;
    }

    @Override
    public boolean mayBeShard(byte[] key) {
        return !Arrays.equals(key, SequentialKey.of(pageId));
    }

    /** Whether the namespace is still the one that was met. */
    boolean isSame(ZdbClient client) {
        return page(client).isPresent();
    }

    /** The front page; empty when it is not there any more, or is another one. */
    private Optional<FrontPage> page(ZdbClient client) {
        Optional<FrontPage> page = Optional.empty();
        try {
            Optional<byte[]> value = client.get(SequentialKey.of(pageId));
            if (value.isPresent()) {
                page = Optional.of(FrontPage.decode(value.get())).filter(found -> found.incarnation() == incarnation);
            }
        } catch (StorException damaged) {
            LOG.warn("{}: {}", client.endpoint(), damaged.getMessage());
        }
        if (page.isEmpty()) {
            lost = true;
        }
        return page;
    }
}
