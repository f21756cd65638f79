package org.qsfs.zdb.client;

/** What zdb's error texts mean. */
final class Refusal {

    private Refusal() {}

    /**
     * @param where server, namespace and command
     * @param text of the error reply, without the minus
     */
    static ZdbException of(String where, String text) {
        String message = where + ": the server answered \"" + text + "\"";
        if (text.startsWith("No space left")) {
            return new ZdbException.NoSpace(message + "; raise the limit of the namespace or add a backend");
        }
        if (text.startsWith("Namespace is temporarily locked")) {
            return new ZdbException.Locked(message);
        }
        if (text.startsWith("Namespace is temporarily frozen")) {
            return new ZdbException.Frozen(message);
        }
        if (text.startsWith("Namespace is in read-only mode")) {
            return new ZdbException.ReadOnly(message + "; the namespace needs its password");
        }
        if (text.startsWith("Namespace not found")
                || text.startsWith("This namespace doesn't exist")
                || text.startsWith("Your active namespace is not available anymore")) {
            return new ZdbException.NamespaceMissing(message);
        }
        if (text.startsWith("Access denied")
                || text.startsWith("Permission denied")
                || text.startsWith("Namespace protected and private")
                || text.startsWith("Authentication disabled")) {
            return new ZdbException.Denied(message + "; check the password in the configuration");
        }
        if (text.startsWith("Internal Error")) {
            return new ZdbException.Unreadable(message);
        }
        return new ZdbException.Rejected(message);
    }
}
