/* Numbers read strictly (digits only, no sign, no space, no overflow) and arithmetic that says when it does not fit. */
#ifndef CADUCEE_BASE_NUM_H
#define CADUCEE_BASE_NUM_H

#include "lib/base/base.h"

#include <endian.h>
#include <string.h>

bool num_u64(struct span, uint64_t max, uint64_t *out) MUST_USE;
bool num_u32(struct span, uint32_t max, uint32_t *out) MUST_USE;
bool num_i64(struct span, int64_t *out) MUST_USE;           /* one leading '-' allowed */
bool num_size(struct span, uint64_t *bytes) MUST_USE;       /* 512, 64K, 36M, 2G: powers of 1024 */
bool num_duration(struct span, uint64_t *seconds) MUST_USE; /* 30, 30s, 15m, 10h, 5d */
bool size_add(size_t a, size_t b, size_t *sum) MUST_USE;
bool size_mul(size_t a, size_t b, size_t *product) MUST_USE;

/* Big-endian fields of wire formats of ours (state pages, helper protocols). Here, not in num.c: a page of states is 128 of
 * them, and calls would take longer than all else that is done with it. */
static inline void put_u16(uint8_t *p, uint16_t v)
{
    v = htobe16(v);
    memcpy(p, &v, sizeof(v));
}

static inline void put_u32(uint8_t *p, uint32_t v)
{
    v = htobe32(v);
    memcpy(p, &v, sizeof(v));
}

static inline void put_u64(uint8_t *p, uint64_t v)
{
    v = htobe64(v);
    memcpy(p, &v, sizeof(v));
}

static inline uint16_t get_u16(const uint8_t *p)
{
    uint16_t v;
    memcpy(&v, p, sizeof(v));
    return be16toh(v);
}

static inline uint32_t get_u32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof(v));
    return be32toh(v);
}

static inline uint64_t get_u64(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof(v));
    return be64toh(v);
}

#endif
