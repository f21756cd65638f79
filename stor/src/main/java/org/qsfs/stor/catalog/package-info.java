/** What the stor engine keeps in the catalog: segment records, all of them in memory, and the head. Every change is conditional on lease and revision. */
@NullMarked
package org.qsfs.stor.catalog;

import org.jspecify.annotations.NullMarked;
