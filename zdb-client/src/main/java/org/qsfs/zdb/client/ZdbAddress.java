package org.qsfs.zdb.client;

/**
 * Where a server listens: a DNS name or a literal IPv4 or IPv6 address (without brackets), and a TCP port.
 *
 * <p>Names are resolved each time a connection is opened, so a server may move.
 */
public record ZdbAddress(String host, int port) {

    public ZdbAddress {
        if (host.isBlank() || host.chars().anyMatch(c -> c <= ' ' || c == '[' || c == ']' || c == '/')) {
            throw new IllegalArgumentException("\"" + host + "\" is no host name or address");
        }
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("port " + port + " of " + host + " is not in 1..65535");
        }
    }

    /**
     * Reads {@code host:port}, {@code 1.2.3.4:port} or {@code [ipv6]:port}.
     *
     * @throws IllegalArgumentException naming the text and the form that is expected
     */
    public static ZdbAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            throw malformed(text, "it has no port");
        }
        String host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.contains(":")) {
            throw malformed(text, "an IPv6 address needs brackets");
        }
        try {
            return new ZdbAddress(host, Integer.parseInt(text.substring(colon + 1)));
        } catch (NumberFormatException e) {
            throw malformed(text, "\"" + text.substring(colon + 1) + "\" is no port number");
        } catch (IllegalArgumentException e) {
            throw malformed(text, String.valueOf(e.getMessage()));
        }
    }

    private static IllegalArgumentException malformed(String text, String why) {
        return new IllegalArgumentException(
                "\"" + text + "\" is no zdb address: " + why + "; expected host:port or [ipv6]:port");
    }

    /** The form that {@link #parse} reads. */
    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
