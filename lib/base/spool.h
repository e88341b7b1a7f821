/* Bytes too many for the heap: written once from front to back, then read as one span. A small one is a string; past
 * SPOOL_SMALL its bytes move into a memfd: tmpfs without a name, on no disk, gone with the process. Whoever reads a long
 * span from front to back says what it has finished with (spool_passed), so that the process never holds it whole.
 */
#ifndef CADUCEE_BASE_SPOOL_H
#define CADUCEE_BASE_SPOOL_H

#include "lib/base/str.h"

enum { SPOOL_SMALL = 512 << 10, SPOOL_STEP = 256 << 10 };

struct spool {
    struct str small; /* all of it, or what goes next into the memfd */
    size_t len, max;
    int fd; /* -1: small */
    void *map;
    bool overflow; /* past its maximum, or no memory: checked once, at the end, as with struct str */
};
void spool_init(struct spool *, size_t max);
void spool_free(struct spool *);             /* a second time: nothing */
void spool_clear(struct spool *);            /* empty again */
bool spool_add(struct spool *, struct span); /* `bytes` may be of another spool: passed as they are taken */
struct span spool_span(struct spool *);      /* sealed: nothing is added any more; valid until spool_free() */

/* The reader will not look at these bytes again soon: the process gives their pages back. Anything but a spool's bytes is
 * left alone. */
void spool_passed(struct span);
/* A sealed descriptor of exactly these bytes, to be closed, when they are a whole spool in a memfd; else -1. */
int spool_share(struct span);
/* The sealed descriptor of all that was added, whatever its size, now the caller's; -1: none. The spool is empty then. */
int spool_take(struct spool *);

#endif
