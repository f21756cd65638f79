package org.qsfs.zdb.client;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The {@code key: value} lines of INFO and NSINFO. Of a key that comes twice the first counts. */
record InfoText(Map<String, String> fields) {

    static InfoText parse(String text) {
        Map<String, String> fields = new LinkedHashMap<>();
        text.lines().forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0 && !line.startsWith("#")) {
                fields.putIfAbsent(
                        line.substring(0, colon).strip(),
                        line.substring(colon + 1).strip());
            }
        });
        return new InfoText(Map.copyOf(fields));
    }

    String required(String key) {
        String value = fields.get(key);
        if (value == null) {
            throw new IllegalArgumentException("it has no line \"" + key + "\"");
        }
        return value;
    }

    boolean yes(String key) {
        return required(key).equals("yes");
    }

    /** An unsigned decimal number; values beyond {@link Long#MAX_VALUE} are cut to it. */
    long number(String key) {
        return number(key, required(key));
    }

    long number(String key, long otherwise) {
        @Nullable String value = fields.get(key);
        return value == null ? otherwise : number(key, value);
    }

    private static long number(String key, String value) {
        try {
            long parsed = Long.parseUnsignedLong(value);
            return parsed < 0 ? Long.MAX_VALUE : parsed;
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("its line \"" + key + "\" is \"" + value + "\", expected a number", e);
        }
    }
}
