package org.qsfs.cli.daemon;

import java.util.Base64;
import java.util.Map;
import org.qsfs.cli.admin.AdminCommand;
import org.qsfs.encryption.Recipient;

/** The admin commands that concern recipients and master keys. No secret passes the socket: a recipient is a public key. */
final class KeyCommands {
    private KeyCommands() {}

    static Map<String, AdminCommand> of(StorageCommands.Open open) {
        return Map.of(
                "key-list", (arguments, progress) -> open.volume().keyring().list(),
                "key-add",
                        (arguments, progress) -> open.volume()
                                .keyring()
                                .add(Recipient.decode(Base64.getDecoder()
                                        .decode(arguments.path("recipient").asString("")))),
                "key-remove",
                        (arguments, progress) -> open.volume()
                                .keyring()
                                .remove(
                                        arguments.path("name").asString(""),
                                        arguments.path("force").asBoolean(false)),
                "key-rotate", (arguments, progress) -> open.volume().keyring().rotate(),
                "key-reencrypt",
                        (arguments, progress) -> open.volume().keyring().reencrypt(progress));
    }
}
