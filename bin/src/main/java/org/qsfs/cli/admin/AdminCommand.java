package org.qsfs.cli.admin;

import tools.jackson.databind.node.ObjectNode;

/** One command of the admin socket. */
@FunctionalInterface
public interface AdminCommand {
    /**
     * @return what the client gets
     * @throws CommandFailure for what the user is to read
     * @throws Exception for anything else; the client gets its message
     */
    AdminReply run(ObjectNode arguments, Progress progress) throws Exception;
}
