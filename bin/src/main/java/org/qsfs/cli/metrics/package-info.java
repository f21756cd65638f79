/** What a daemon tells Prometheus. {@link org.qsfs.cli.metrics.MetricsEndpoint} asks the volume for its status when it is scraped; nothing is counted twice. */
@NullMarked
package org.qsfs.cli.metrics;

import org.jspecify.annotations.NullMarked;
