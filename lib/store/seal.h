/* Private to sealer.c and trace_verify.c: what a seal's MAC covers. */
#ifndef CADUCEE_STORE_SEAL_H
#define CADUCEE_STORE_SEAL_H

#include "lib/store/sealer.h"

enum { SEAL_VERSION = 1, SEAL_DIGEST = 16, SEAL_ROW = 8 + SEAL_DIGEST };

struct seal {
    const char *part;
    int64_t seq, from_xid, to_xid, row_count;
    struct span digests; /* SEAL_ROW bytes a row: id, first half of HMAC(text) */
};
void seal_mac(uint8_t out[32], const struct key *, const uint8_t previous[32], const struct seal *);
void seal_row(uint8_t out[SEAL_ROW], const struct key *, int64_t trace_id, struct span text);

#endif
