package org.qsfs.cli.command;

import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.qsfs.cli.config.Quantity;
import org.qsfs.cli.home.Home;
import org.qsfs.stor.backend.BackendTerms;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code qsfs backend} and its subcommands. All but {@code list} change the configuration file and what is in use together, or neither. */
@Command(
        name = "backend",
        mixinStandardHelpOptions = true,
        description = "List and change the backends of a mounted volume.",
        synopsisSubcommandLabel = "COMMAND")
public final class BackendCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    static CommandLine commandLine(Console console, Home home) {
        return new CommandLine(new BackendCommand())
                .addSubcommand(new ListBackends(console, home))
                .addSubcommand(new Add(console, home))
                .addSubcommand(new Remove(console, home))
                .addSubcommand(new Drain(console, home))
                .addSubcommand(new Replace(console, home))
                .addSubcommand(new Rotate(console, home))
                .addSubcommand(new Rebalance(console, home));
    }

    @Override
    public void run() {
        CommandSpec own = java.util.Objects.requireNonNull(spec);
        throw new ParameterException(own.commandLine(), "which command? `qsfs backend --help` lists them");
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Every backend: state, weight, what it holds. Exit code 3 when one is not healthy.")
    static final class ListBackends extends DaemonCommand {
        ListBackends(Console console, Home home) {
            super(console, home, "backend-list");
        }

        @Override
        void print(JsonNode result) {
            for (JsonNode backend : result.path("backends")) {
                long capacity = backend.path("capacity").asLong(0);
                say(String.format(
                        Locale.ROOT,
                        "%-16s %-10s %-8s%s weight %d%s  %d segments, %s held, %s free  %s",
                        backend.path("id").asString("?"),
                        backend.path("group").asString("?"),
                        backend.path("state").asString("?"),
                        backend.path("draining").asBoolean(false) ? " draining" : "",
                        backend.path("weight").asLong(0),
                        capacity == 0 ? "" : " capacity " + Quantity.humanSize(capacity),
                        backend.path("segments").asLong(0),
                        Quantity.humanSize(backend.path("held_bytes").asLong(0)),
                        free(backend.path("free_bytes").asLong(0)),
                        backend.path("address").asString("?")));
                String detail = backend.path("detail").asString("");
                if (!detail.isEmpty()) {
                    say("                 " + detail);
                }
            }
        }

        private static String free(long bytes) {
            return bytes == Long.MAX_VALUE ? "unlimited" : Quantity.humanSize(bytes);
        }
    }

    /** Where a backend is. */
    abstract static class WithAddress extends DaemonCommand {
        @Parameters(index = "0", paramLabel = "ID", description = "Stable name of the backend.")
        private String id = "";

        @Option(names = "--address", required = true, paramLabel = "HOST:PORT", description = "A zdb server.")
        private String address = "";

        @Option(names = "--namespace", paramLabel = "NAME", description = "Namespace (default: default).")
        private String namespace = "default";

        @Option(names = "--password-file", paramLabel = "FILE", description = "Holds the namespace's password.")
        private @Nullable Path passwordFile;

        @Option(names = "--tls", description = "Talk to it with TLS.")
        private boolean tls;

        @Option(
                names = "--ca-file",
                paramLabel = "FILE",
                description = "PEM of the authority that signed its certificate (default: the JDK's authorities).")
        private @Nullable Path authorities;

        WithAddress(Console console, Home home, String request) {
            super(console, home, request);
        }

        @Override
        ObjectNode arguments() {
            ObjectNode arguments =
                    super.arguments().put("id", id).put("address", address).put("namespace", namespace);
            arguments.put("tls", tls || authorities != null);
            if (authorities != null) {
                arguments.put("ca_file", authorities.toAbsolutePath().toString());
            }
            if (passwordFile != null) {
                arguments.put("password_file", passwordFile.toAbsolutePath().toString());
            }
            return arguments;
        }
    }

    @Command(
            name = "add",
            mixinStandardHelpOptions = true,
            description =
                    "Add a backend; its namespace is made when there is none and no password guards that. It gets new segments at once, old ones by `qsfs backend rebalance`.")
    static final class Add extends WithAddress {
        @Option(names = "--group", required = true, paramLabel = "NAME", description = "Backends that fail together.")
        private String group = "";

        @Option(names = "--weight", paramLabel = "N", description = "How often it is chosen; 100 is usual.")
        private int weight = BackendTerms.USUAL_WEIGHT;

        @Option(names = "--capacity", paramLabel = "SIZE", description = "What it may hold at most, for instance 2TiB.")
        private @Nullable String capacity;

        @Spec
        private @Nullable CommandSpec spec;

        Add(Console console, Home home) {
            super(console, home, "backend-add");
        }

        @Override
        ObjectNode arguments() {
            String text = capacity;
            long bytes = text == null ? 0 : size(spec, "--capacity", text);
            return super.arguments().put("group", group).put("weight", weight).put("capacity", bytes);
        }

        @Override
        void print(JsonNode result) {
            say("added backend " + result.path("id").asString("?") + " to group "
                    + result.path("group").asString("?"));
        }
    }

    /** One backend. */
    abstract static class WithId extends DaemonCommand {
        @Parameters(index = "0", paramLabel = "ID", description = "The backend, see `qsfs backend list`.")
        private String id = "";

        WithId(Console console, Home home, String request) {
            super(console, home, request);
        }

        @Override
        ObjectNode arguments() {
            return super.arguments().put("id", id);
        }
    }

    @Command(
            name = "remove",
            mixinStandardHelpOptions = true,
            description =
                    "Take a backend out. Refused while it holds shards, and always while it holds what nobody else has.")
    static final class Remove extends WithId {
        @Option(names = "--force", description = "Although it holds shards: they are made again from the others.")
        private boolean force;

        Remove(Console console, Home home) {
            super(console, home, "backend-remove");
        }

        @Override
        ObjectNode arguments() {
            return super.arguments().put("force", force);
        }

        @Override
        void print(JsonNode result) {
            long segments = result.path("segments").asLong(0);
            say("removed backend " + result.path("id").asString("?")
                    + (segments == 0 ? "" : "; its shards of " + segments + " segments are made again elsewhere"));
        }
    }

    @Command(
            name = "drain",
            mixinStandardHelpOptions = true,
            description =
                    "Move everything from a backend to others and give it nothing new. Exit code 3 when shards have to stay.")
    static final class Drain extends WithId {
        @Option(names = "--stop", description = "Let it have shards again.")
        private boolean stop;

        Drain(Console console, Home home) {
            super(console, home, "backend-drain");
        }

        @Override
        ObjectNode arguments() {
            return super.arguments().put("stop", stop);
        }

        @Override
        void print(JsonNode result) {
            String id = result.path("id").asString("?");
            long left = result.path("segments_left").asLong(0);
            if (!result.path("draining").asBoolean(false)) {
                say("backend " + id + " gets shards again");
            } else if (left == 0) {
                say("backend " + id + " is empty; take it out with: qsfs backend remove " + id);
            } else {
                say(
                        "backend " + id + " still has shards of " + left
                                + " segments: no other place keeps their policy now, or something failed (see the log). The daemon goes on trying");
            }
        }
    }

    @Command(
            name = "replace",
            mixinStandardHelpOptions = true,
            description =
                    "Have an empty namespace, elsewhere or not, take the place of a backend; it is filled from the others.")
    static final class Replace extends WithAddress {
        Replace(Console console, Home home) {
            super(console, home, "backend-replace");
        }

        @Override
        void print(JsonNode result) {
            long left = result.path("segments_left").asLong(0);
            say("backend " + result.path("id").asString("?") + " is replaced"
                    + (left == 0 ? " and filled" : "; shards of " + left + " segments are still to be made"));
        }
    }

    @Command(
            name = "rotate",
            mixinStandardHelpOptions = true,
            description =
                    "Copy what is alive on a backend to a fresh namespace of its server and delete the old one: a zdb gives the space of deleted values back only so.")
    static final class Rotate extends WithId {
        Rotate(Console console, Home home) {
            super(console, home, "backend-rotate");
        }

        @Override
        void print(JsonNode result) {
            String old = result.path("old_namespace").asString("?");
            say("backend " + result.path("id").asString("?") + " is in namespace "
                    + result.path("namespace").asString("?") + " now: "
                    + result.path("shards").asLong(0) + " shards, "
                    + Quantity.humanSize(result.path("bytes").asLong(0)) + " copied");
            say(
                    result.path("old_namespace_deleted").asBoolean(false)
                            ? "namespace " + old + " was deleted"
                            : "namespace " + old
                                    + " is not needed any more and was not deleted; its administrator can do that (NSDEL "
                                    + old
                                    + ")");
        }
    }

    @Command(
            name = "rebalance",
            mixinStandardHelpOptions = true,
            description = "Move shards so that every backend holds its part, by weight and room.")
    static final class Rebalance extends DaemonCommand {
        @Option(names = "--max", paramLabel = "SIZE", description = "Stop after moving so much, for instance 100GiB.")
        private @Nullable String most;

        @Spec
        private @Nullable CommandSpec spec;

        Rebalance(Console console, Home home) {
            super(console, home, "backend-rebalance");
        }

        @Override
        ObjectNode arguments() {
            String text = most;
            return text == null ? super.arguments() : super.arguments().put("max_bytes", size(spec, "--max", text));
        }

        @Override
        void print(JsonNode result) {
            say(result.path("shards").asLong(0) + " shards moved, "
                    + Quantity.humanSize(result.path("bytes").asLong(0)));
        }
    }

    private static long size(@Nullable CommandSpec spec, String option, String text) {
        return Quantity.size(text)
                .orElseThrow(() -> new ParameterException(
                        java.util.Objects.requireNonNull(spec).commandLine(),
                        option + ": found \"" + text + "\", expected a size such as 100GiB"));
    }
}
