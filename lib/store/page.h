/* Private to lib/store; PURE. The bytes of state pages: 64 messages each, aligned (block = uid / 64). All big-endian.
 *
 *   state_page.page   known bitmap (u64), exists bitmap (u64), 64 × { flags u64, modseq u64 }          1040 bytes
 *   seen_page.page    seen bitmap (u64), 64 × modseq u64                                                520 bytes
 *
 * Bit i of a bitmap is UID block * 64 + i. A UID that is not known is spoken for by its message row.
 */
#ifndef CADUCEE_STORE_PAGE_H
#define CADUCEE_STORE_PAGE_H

#include "lib/base/base.h"

enum { PAGE_UIDS = 64, PAGE_BYTES = 16 + PAGE_UIDS * 16, SEEN_BYTES = 8 + PAGE_UIDS * 8 };

struct page_entry {
    uint64_t flags, modseq;
};
struct page {
    int64_t block;
    uint64_t known, exists;
    struct page_entry entries[PAGE_UIDS];
    bool stored, dirty; /* in the database already; to be written */
};
struct seen {
    int64_t viewer, block;
    uint64_t bits;
    uint64_t modseq[PAGE_UIDS];
    bool stored, dirty;
};

bool page_read(struct page *, int64_t block, struct span bytes) MUST_USE;
void page_write(const struct page *, uint8_t out[PAGE_BYTES]);
uint64_t page_max_modseq(const struct page *);
bool seen_read(struct seen *, int64_t viewer, int64_t block, struct span bytes) MUST_USE;
void seen_write(const struct seen *, uint8_t out[SEEN_BYTES]);
uint64_t seen_max_modseq(const struct seen *);

static inline int64_t block_of(uint32_t uid)
{
    return uid / PAGE_UIDS;
}
static inline unsigned slot_of(uint32_t uid)
{
    return uid % PAGE_UIDS;
}
static inline uint64_t bit_of(uint32_t uid)
{
    return 1ULL << slot_of(uid);
}

/* UID runs as pairs of u32, first and last: what `expunged` remembers. Returns pairs; `out` holds count * 8 bytes. */
size_t uid_runs(const uint32_t *uids, size_t count, uint8_t *out);

#endif
