package org.qsfs.zdb.tool;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.engine.Database;
import org.qsfs.zdb.engine.DatabaseConfig;
import org.qsfs.zdb.engine.DatabaseListener;
import org.qsfs.zdb.engine.DirectoryLock;
import org.qsfs.zdb.engine.IndexRebuilder;
import org.qsfs.zdb.engine.Namespace;
import org.qsfs.zdb.file.SystemFiles;
import org.qsfs.zdb.format.IndexFormat.Mode;

/**
 * {@code zdb check|dump|compact|rebuild-index DIR [--namespace NAME] [--mode user|seq]}, where DIR has {@code data} and
 * {@code index}; or {@code --data DIR --index DIR}. Exit status 0 = done and well, 1 = problems were found or it failed, 2 = usage.
 */
public final class ZdbTool {
    private static final List<String> WORDS = List.of("check", "dump", "compact", "rebuild-index");
    private static final Set<String> FLAGS = Set.of("--data", "--index", "--namespace", "--mode");
    private static final String USAGE = """
            zdb check|dump|compact|rebuild-index DIR [--namespace NAME] [--mode user|seq]
            For directories that no server uses, 0-db's own included. DIR has data/ and index/; or give --data DIR --index DIR.
              check           compares every record with its entry and every value with its checksum; changes nothing
              dump            prints every record and entry, without values
              compact         frees the bytes of dead values in user-mode namespaces
              rebuild-index   writes all index files again from the data files, which must all be there
              --namespace NAME   only this one (all)
              --mode user|seq    of rebuild-index, when no index file is left to tell it (user)
            """;

    private final PrintStream out;
    private final SystemFiles files = new SystemFiles();
    private String word = "";
    private @Nullable Path data;
    private @Nullable Path index;
    private @Nullable String namespace;
    private @Nullable Mode mode;

    private ZdbTool(PrintStream out) {
        this.out = out;
    }

    /** Whether a command line means a tool and not the server. */
    public static boolean isTool(List<String> args) {
        return !args.isEmpty() && WORDS.contains(args.getFirst());
    }

    /** Runs a tool and returns the exit status. */
    public static int run(List<String> args, PrintStream out, PrintStream err) {
        if (args.contains("--help") || args.contains("-h")) {
            out.print(USAGE);
            return 0;
        }
        ZdbTool tool = new ZdbTool(out);
        String problem = tool.parse(args);
        if (problem != null) {
            err.println("zdb " + tool.word + ": " + problem + "; see zdb " + tool.word + " --help");
            return 2;
        }
        try {
            return tool.run();
        } catch (IOException e) {
            err.println("zdb " + tool.word + ": " + e.getMessage());
            return 1;
        }
    }

    private @Nullable String parse(List<String> args) {
        if (!isTool(args)) {
            return "no tool is meant by " + args + ", expected one of " + String.join(", ", WORDS);
        }
        word = args.getFirst();
        for (int i = 1; i < args.size(); i++) {
            String arg = args.get(i);
            if (!arg.startsWith("-")) {
                if (data != null || index != null) {
                    return "found a second directory " + arg + ", expected one DIR, or --data and --index";
                }
                data = Path.of(arg, "data");
                index = Path.of(arg, "index");
                continue;
            }
            if (!FLAGS.contains(arg)) {
                return "unknown flag " + arg;
            }
            if (++i == args.size()) {
                return arg + " needs a value";
            }
            String value = args.get(i);
            switch (arg) {
                case "--data" -> data = Path.of(value);
                case "--index" -> index = Path.of(value);
                case "--namespace" -> namespace = value;
                default -> {
                    if (!value.equals("seq") && !value.equals("user")) {
                        return "--mode " + value + ", expected user or seq";
                    }
                    mode = value.equals("seq") ? Mode.SEQUENTIAL : Mode.USER;
                }
            }
        }
        return data == null || index == null ? "no directory is given, expected DIR, or --data and --index" : null;
    }

    private int run() throws IOException {
        Path dataRoot = required(data);
        Path indexRoot = required(index);
        for (Path root : List.of(dataRoot, indexRoot)) {
            if (!Files.isDirectory(root)) {
                throw new IOException(root + " is no directory; expected one with namespaces, as a zdb server has it");
            }
        }
        String only = namespace;
        if (only != null && !Files.isDirectory(indexRoot.resolve(only))) {
            namespace = null;
            throw new IOException("%s has no namespace %s; it has: %s"
                    .formatted(indexRoot, only, String.join(", ", names(indexRoot))));
        }
        if (word.equals("compact")) {
            return compact(dataRoot, indexRoot);
        }
        try (DirectoryLock _ = DirectoryLock.take(indexRoot);
                DirectoryLock _ = DirectoryLock.take(dataRoot)) {
            int problems = 0;
            for (String name : names(indexRoot)) {
                problems += run(name, dataRoot.resolve(name), indexRoot.resolve(name));
            }
            return problems == 0 ? 0 : 1;
        }
    }

    private static Path required(@Nullable Path path) {
        if (path == null) {
            throw new IllegalStateException("the command line was not parsed");
        }
        return path;
    }

    private List<String> names(Path indexRoot) throws IOException {
        if (namespace != null) {
            return List.of(namespace);
        }
        List<String> names = new ArrayList<>(files.list(indexRoot));
        names.removeIf(name -> !Files.isDirectory(indexRoot.resolve(name)));
        names.sort(null);
        return names;
    }

    private int run(String name, Path dataDirectory, Path indexDirectory) throws IOException {
        NamespaceFiles of = new NamespaceFiles(files, dataDirectory, indexDirectory);
        return switch (word) {
            case "check" -> new Check(name, of, out).run();
            case "dump" -> {
                new Dump(of, out).run(name);
                yield 0;
            }
            default -> {
                IndexRebuilder rebuilder = new IndexRebuilder(files, dataDirectory, indexDirectory);
                List<String> problems = rebuilder.rebuild(mode == null ? rebuilder.mode() : mode);
                problems.forEach(out::println);
                out.printf("%s: index written again%n", name);
                yield problems.size();
            }
        };
    }

    private int compact(Path dataRoot, Path indexRoot) throws IOException {
        List<String> there = names(indexRoot);
        boolean hadDefault = Files.isDirectory(indexRoot.resolve(Database.DEFAULT_NAMESPACE));
        try (Database database = Database.open(DatabaseConfig.of(dataRoot, indexRoot), DatabaseListener.NONE)) {
            if (!hadDefault) {
                // a server has one; what it makes of this directory is not for us to decide
                database.delete(database.defaultNamespace());
            }
            for (String name : there) {
                Namespace one = database.namespace(name);
                if (one == null) {
                    throw new IOException("namespace " + name + " of " + indexRoot + " cannot be opened");
                }
                if (one.mode() == Mode.SEQUENTIAL) {
                    out.printf("%s: sequential, left as it is%n", name);
                } else {
                    // the active file is not compacted, so it is closed
                    one.jump();
                    out.printf("%s: %d bytes freed%n", name, one.compact());
                }
            }
            return 0;
        }
    }
}
