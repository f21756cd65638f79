package org.qsfs.zdb.server;

import java.io.IOException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Finds the handler of a request. Names are compared as a whole, without case. */
final class Commands {
    private static final int LONGEST_NAME = 16;

    private final Map<String, Handler> table = new HashMap<>();
    private final Waiters waiters;
    private final ServerStatistics statistics;

    Commands(
            DataCommands data,
            AccessCommands access,
            NamespaceCommands namespaces,
            SystemCommands system,
            Waiters waiters,
            ServerStatistics statistics) {
        this.waiters = waiters;
        this.statistics = statistics;
        data.addTo(table);
        access.addTo(table);
        namespaces.addTo(table);
        system.addTo(table);
    }

    static String canonical(String name) {
        return name.toUpperCase(Locale.ROOT);
    }

    void run(Call call) throws IOException {
        Request request = call.request();
        String name = request.length(0) > LONGEST_NAME ? "" : canonical(request.text(0));
        Handler handler = table.get(name);
        statistics.executed.increment();
        if (handler == null) {
            statistics.failed.increment();
            call.error("Command not supported");
            return;
        }
        handler.run(call);
        waiters.ran(call.connection(), call.session(), name);
    }
}
