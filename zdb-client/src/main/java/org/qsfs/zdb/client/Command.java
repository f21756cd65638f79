package org.qsfs.zdb.client;

import java.nio.charset.StandardCharsets;
import redis.clients.jedis.commands.ProtocolCommand;

/** The commands this client sends, spelled as on the wire. */
enum Command implements ProtocolCommand {
    PING,
    AUTH,
    SELECT,
    SET,
    GET,
    DEL,
    EXISTS,
    CHECK,
    LENGTH,
    SCAN,
    INFO,
    NSINFO,
    NSNEW,
    NSSET,
    NSDEL;

    @SuppressWarnings("ImmutableEnumChecker") // Jedis reads it, nobody writes it
    private final byte[] raw = name().getBytes(StandardCharsets.US_ASCII);

    @Override
    public byte[] getRaw() {
        return raw;
    }
}
