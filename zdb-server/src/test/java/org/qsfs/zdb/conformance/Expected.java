package org.qsfs.zdb.conformance;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** The notation of values and replies in the vectors (their README). */
final class Expected {
    private static final Map<String, Pattern> PATTERNS = Map.of(
            "integer", Pattern.compile("-?[0-9]+"),
            "timestamp", Pattern.compile("[0-9]{9,10}"),
            "decimal", Pattern.compile("[0-9]+"),
            "float2", Pattern.compile("[0-9]+\\.[0-9]{2}"),
            "hex16", Pattern.compile("[0-9a-f]{16}"),
            "hexid", Pattern.compile("0x[0-9a-f]{8,16}"),
            "string", Pattern.compile("(?s).*"),
            "revision", Pattern.compile("\\S+"));

    private Expected() {}

    static byte[] bytes(JsonNode v, Map<String, byte[]> saved) {
        if (v.isString()) {
            return v.asString().getBytes(StandardCharsets.UTF_8);
        }
        Map.Entry<String, JsonNode> only = v.properties().iterator().next();
        JsonNode x = only.getValue();
        return switch (only.getKey()) {
            case "b64" -> Base64.getDecoder().decode(x.asString());
            case "repeat" -> x.get(0).asString().repeat(x.get(1).asInt()).getBytes(StandardCharsets.UTF_8);
            case "u64le" ->
                ByteBuffer.allocate(8)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(x.asLong())
                        .array();
            case "var" -> saved.get(x.asString());
            case "cat" -> all(x, saved);
            case "times" -> {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                for (int i = 0; i < x.get(1).asInt(); i++) {
                    out.writeBytes(bytes(x.get(0), saved));
                }
                yield out.toByteArray();
            }
            case "sha1hex" -> sha1(all(x, saved)).getBytes(StandardCharsets.US_ASCII);
            default -> throw new IllegalArgumentException("unknown value " + v);
        };
    }

    private static byte[] all(JsonNode parts, Map<String, byte[]> saved) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        parts.forEach(p -> out.writeBytes(bytes(p, saved)));
        return out.toByteArray();
    }

    private static String sha1(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    static boolean matches(JsonNode expect, RespClient.Reply reply) {
        if (!expect.get("type").asString().equals(reply.kind())) {
            return false;
        }
        JsonNode want = expect.get("value");
        return switch (reply.kind()) {
            case "nil", "closed" -> true;
            case "integer" -> want.isObject() ? matchesBytes(want, reply.bytes()) : want.asLong() == reply.number();
            case "array" -> matchesAll(want, reply.elements(), expect.has("unordered"));
            default -> matchesBytes(want, reply.bytes());
        };
    }

    private static boolean matchesAll(JsonNode want, List<RespClient.Reply> got, boolean unordered) {
        if (want.size() != got.size()) {
            return false;
        }
        List<RespClient.Reply> left = new ArrayList<>(got);
        for (int i = 0; i < want.size(); i++) {
            JsonNode one = want.get(i);
            if (unordered) {
                RespClient.Reply found =
                        left.stream().filter(r -> matches(one, r)).findFirst().orElse(null);
                if (found == null) {
                    return false;
                }
                left.remove(found);
            } else if (!matches(one, got.get(i))) {
                return false;
            }
        }
        return true;
    }

    static boolean matchesBytes(JsonNode want, byte[] got) {
        if (want.isObject() && want.has("any")) {
            String kind = want.get("any").asString();
            if (kind.equals("cursor") || kind.equals("ekey")) {
                return got.length == want.get("len").asInt();
            }
            return PATTERNS.get(kind)
                    .matcher(new String(got, StandardCharsets.ISO_8859_1))
                    .matches();
        }
        if (want.isObject() && want.has("lines")) {
            return matchesLines(want.get("lines"), new String(got, StandardCharsets.UTF_8));
        }
        return java.util.Arrays.equals(bytes(want, Map.of()), got);
    }

    private static boolean matchesLines(JsonNode want, String text) {
        List<String> got = new ArrayList<>(List.of(text.split("\n", -1)));
        if (got.getLast().isEmpty()) {
            got.removeLast();
        }
        if (got.size() != want.size()) {
            return false;
        }
        for (int i = 0; i < want.size(); i++) {
            if (!matchesLine(want.get(i), got.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean matchesLine(JsonNode want, String line) {
        if (want.isString()) {
            return want.asString().equals(line);
        }
        int colon = line.indexOf(": ");
        if (colon < 0 || !line.substring(0, colon).equals(want.get("key").asString())) {
            return false;
        }
        String value = line.substring(colon + 2);
        if (want.has("endswith")) {
            return value.endsWith(want.get("endswith").asString());
        }
        if (want.has("bswap64")) {
            return value.matches("0x[0-9a-f]{8,16}")
                    && Long.reverseBytes(Long.parseUnsignedLong(value.substring(2), 16))
                            == want.get("bswap64").asLong();
        }
        return matchesBytes(want, value.getBytes(StandardCharsets.ISO_8859_1));
    }
}
