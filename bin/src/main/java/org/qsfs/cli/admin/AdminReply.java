package org.qsfs.cli.admin;

import tools.jackson.databind.node.ObjectNode;

/**
 * What a command came to.
 *
 * @param exit the exit code of the command that asked, see {@link CommandFailure}
 */
public record AdminReply(ObjectNode result, int exit) {
    public static AdminReply done(ObjectNode result) {
        return new AdminReply(result, CommandFailure.DONE);
    }
}
