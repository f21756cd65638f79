package org.qsfs.metadata;

/** The catalog knows only older epochs than the local state: it is an old copy, or another volume's. */
public final class CatalogBehindException extends CatalogException {

    private static final long serialVersionUID = 1;

    private final long localEpoch;
    private final long catalogEpoch;

    /** @param catalogEpoch 0 when the catalog has no epoch at all */
    public CatalogBehindException(String catalog, long localEpoch, long catalogEpoch) {
        super(
                catalog + ": the local state is of epoch " + localEpoch + ", but the catalog "
                        + (catalogEpoch == 0 ? "is empty" : "is of epoch " + catalogEpoch)
                        + ": it is another one, or was restored from an old copy. Correct the catalog in the"
                        + " configuration",
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
