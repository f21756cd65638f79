/**
 * Stripes and shards: the formats of what lies on the backends, and the codec between plain stripes and the values of their shards.
 *
 * <p>{@link org.qsfs.stor.stripe.ShardHeader} has the layout of a value, {@link org.qsfs.stor.stripe.ShardName} its key, {@link
 * org.qsfs.stor.stripe.StripeCodec} makes and reads them. A value tells by itself what it is and whether it is whole: {@link
 * org.qsfs.stor.stripe.StripeCodec#check}. Nothing here talks to anybody.
 */
@NullMarked
package org.qsfs.stor.stripe;

import org.jspecify.annotations.NullMarked;
