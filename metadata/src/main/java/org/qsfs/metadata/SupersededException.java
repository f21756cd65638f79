package org.qsfs.metadata;

/** Another writer has begun a newer epoch: what this machine wrote since and did not publish is a fork. */
public final class SupersededException extends CatalogException {

    private static final long serialVersionUID = 1;

    private final long localEpoch;
    private final long catalogEpoch;

    public SupersededException(String catalog, long localEpoch, long catalogEpoch) {
        super(
                catalog + ": the local state is of epoch " + localEpoch
                        + ", but another machine has been writing epoch "
                        + catalogEpoch
                        + " since. Mount with --discard-local to go on from what is published; what only this"
                        + " machine has is moved aside, not deleted",
                null);
        this.localEpoch = localEpoch;
        this.catalogEpoch = catalogEpoch;
    }

    public long localEpoch() {
        return localEpoch;
    }

    public long catalogEpoch() {
        return catalogEpoch;
    }
}
