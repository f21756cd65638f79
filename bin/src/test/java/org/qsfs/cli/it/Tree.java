package org.qsfs.cli.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What a directory tree holds: of every file type, mode, owner, modification time to the nanosecond, and content. Two trees are equal when applications cannot tell them apart. */
record Tree(Map<String, Node> nodes) {
    record Node(int mode, int uid, int gid, FileTime modified, long size, String content) {}

    static Tree of(Path root) throws IOException {
        Map<String, Node> nodes = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                nodes.put(root.relativize(path).toString(), node(path));
            }
        }
        return new Tree(nodes);
    }

    long bytes() {
        return nodes.values().stream().mapToLong(Node::size).sum();
    }

    long files() {
        return nodes.values().stream()
                .filter(node -> (node.mode() & 0170000) == 0100000)
                .count();
    }

    /** One line for each path that differs, at most 20. */
    List<String> differences(Tree other) {
        List<String> all = new ArrayList<>();
        TreeMap<String, Node> union = new TreeMap<>(nodes);
        union.putAll(other.nodes);
        for (String path : union.keySet()) {
            Node here = nodes.get(path);
            Node there = other.nodes.get(path);
            if (here == null || !here.equals(there)) {
                all.add("%s: %s, in the other tree %s".formatted(path, here, there));
            }
            if (all.size() == 20) {
                break;
            }
        }
        return all;
    }

    private static Node node(Path path) throws IOException {
        Map<String, Object> attributes =
                Files.readAttributes(path, "unix:mode,uid,gid,lastModifiedTime,size", LinkOption.NOFOLLOW_LINKS);
        int mode = (int) attributes.get("mode");
        String content = switch (mode & 0170000) {
            case 0100000 -> sha256(path);
            case 0120000 -> Files.readSymbolicLink(path).toString();
            default -> "";
        };
        // the size of a directory is the filesystem's own business
        long size = (mode & 0170000) == 0040000 ? 0 : (long) attributes.get("size");
        return new Node(
                mode,
                (int) attributes.get("uid"),
                (int) attributes.get("gid"),
                (FileTime) attributes.get("lastModifiedTime"),
                size,
                content);
    }

    static String sha256(Path file) {
        try (InputStream bytes = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            try (DigestInputStream in = new DigestInputStream(bytes, digest)) {
                byte[] buffer = new byte[1 << 17];
                while (in.read(buffer) >= 0) {
                    continue;
                }
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw new UncheckedIOException(file.toString(), e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
