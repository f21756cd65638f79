package org.qsfs.fuse.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FileSystem;
import org.qsfs.fs.FsException;

@DisplayName("The file capabilities of a file that is opened for writing")
class FilePrivilegesTest {
    private static final long INODE = 7;

    private final List<String> calls = new ArrayList<>();
    private @Nullable Errno answer;

    private final FilePrivileges privileges = new FilePrivileges((FileSystem) Proxy.newProxyInstance(
            FileSystem.class.getClassLoader(), new Class<?>[] {FileSystem.class}, (proxy, method, arguments) -> {
                calls.add(method.getName());
                Errno error = answer;
                if (error != null) {
                    throw new FsException(error);
                }
                return method.getReturnType() == byte[].class ? new byte[20] : null;
            }));

    private void write() throws FsException {
        privileges.beforeWrite(new Exchange(0, new DeviceTransport(-1, false)), INODE, false);
    }

    @ParameterizedTest
    @EnumSource(names = {"ENODATA", "EOPNOTSUPP"})
    @DisplayName("are not looked for again when it has none, or keeps no extended attributes")
    void none(Errno none) throws Exception {
        answer = none;
        privileges.openedForWriting(INODE);
        calls.clear();
        write();
        assertThat(calls).isEmpty();
    }

    @Test
    @DisplayName("go with the first write, also when they could not be read at the open")
    void unknown() throws Exception {
        answer = Errno.EIO;
        privileges.openedForWriting(INODE);
        answer = null;
        calls.clear();
        write();
        write();
        assertThat(calls).containsExactly("removeExtendedAttribute");
    }

    @Test
    @DisplayName("keep every write from happening until they could be taken away")
    void stuck() throws Exception {
        privileges.openedForWriting(INODE);
        answer = Errno.EIO;
        assertThatThrownBy(this::write).isInstanceOf(FsException.class);
        assertThatThrownBy(this::write).isInstanceOf(FsException.class);
        answer = Errno.ENODATA;
        write();
        calls.clear();
        write();
        assertThat(calls).isEmpty();
    }
}
