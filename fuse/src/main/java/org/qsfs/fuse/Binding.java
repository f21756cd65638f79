package org.qsfs.fuse;

/** How the mount talks to the kernel. */
public enum Binding {
    /** libfuse 2 through jnr-ffi and jnr-fuse's structures: works wherever libfuse2 is installed; requests of 128 KiB. */
    JNR,
    /** The FUSE protocol on {@code /dev/fuse}, without a native library: the fast one; requests of 1 MiB. */
    KERNEL,
    /** {@link #KERNEL} when this machine allows it, else {@link #JNR}. */
    AUTO
}
